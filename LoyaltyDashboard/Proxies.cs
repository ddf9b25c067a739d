using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace LoyaltyDashboard;

/// <summary>Section <c>Access</c>, as far as it names the proxies.</summary>
public sealed class ProxyOptions
{
    /// <summary>Where the list stands in the configuration.</summary>
    public const string Key = "Access:Proxies";

    /// <summary>Addresses and networks whose word is taken for who asks, by which scheme and for which host. Nobody's unless set.</summary>
    public List<string> Proxies { get; set; } = [];

    /// <summary>Reads one of them: an address is a network of its own.</summary>
    internal static bool TryRead(string? text, out IPNetwork network)
    {
        network = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        // 10.7 would be read as 10.0.0.7, and 7 as 0.0.0.7.
        var written = text.Split('/')[0];
        if (!IPAddress.TryParse(written, out var address) || (!written.Contains(':', StringComparison.Ordinal) && address.ToString() != written))
        {
            return false;
        }

        return IPNetwork.TryParse(text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/{(written.Contains(':', StringComparison.Ordinal) ? 128 : 32)}", out network);
    }
}

/// <summary>Names the key, the fault and a good example.</summary>
internal sealed class ProxyOptionsValidator : IValidateOptions<ProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, ProxyOptions options)
    {
        List<string> faults = [];
        for (var i = 0; i < options.Proxies.Count; i++)
        {
            var fault = !ProxyOptions.TryRead(options.Proxies[i], out var network) ? "is neither an IP address nor a network"
                : network.PrefixLength == 0 ? "is every address there is, so that anybody could pass for anybody"
                : null;
            if (fault is not null)
            {
                faults.Add($"{ProxyOptions.Key}:{i} is \"{options.Proxies[i]}\", which {fault}. Good ones are 10.0.0.7 and 10.0.0.0/24, and 127.0.0.1 for a proxy on this machine.");
            }
        }

        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

/// <summary>What start needs for <see cref="ProxyOptions"/>.</summary>
internal static class ProxiesSetup
{
    /// <summary>Takes X-Forwarded-For, -Proto and -Host from the proxies that are named, and from nobody else.</summary>
    public static WebApplicationBuilder AddProxies(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ProxyOptions>, ProxyOptionsValidator>();
        builder.Services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Key.Split(':')[0]).ValidateOnStart();
        // After everybody else: ASPNETCORE_FORWARDEDHEADERS_ENABLED would take them from anybody.
        builder.Services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<ProxyOptions>>((forwarded, proxies) =>
        {
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in proxies.Value.Proxies)
            {
                forwarded.KnownIPNetworks.Add(ProxyOptions.TryRead(proxy, out var network) ? network : throw new InvalidOperationException($"{proxy} was let through."));
            }

            // Without a list, the middleware takes everybody's word.
            forwarded.ForwardedHeaders = forwarded.KnownIPNetworks.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            // As far back as one known proxy names another; whoever is not known ends the chain.
            forwarded.ForwardLimit = null;
        });
        return builder;
    }

    /// <summary>From here on, who asks, the scheme and the host are what the proxies say.</summary>
    public static WebApplication UseProxies(this WebApplication app)
    {
        app.UseForwardedHeaders();
        return app;
    }
}
