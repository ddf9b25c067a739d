using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard;

/// <summary>
/// Where the program listens. Anywhere by https; by plain http on this machine alone, where nobody listens in, or behind a proxy that is named. Passwords and cookies go no other way.
/// </summary>
/// <param name="services">Where the server is: it asks for this one first, while it is made itself.</param>
public sealed class Addresses(IServiceProvider services)
{
    // Set while the server binds, which is before the first request.
    private bool _reachOthers;

    /// <summary>Whether nobody but this machine can open them: loopback and Unix sockets.</summary>
    public bool AreOfThisMachine => !_reachOthers;

    /// <summary>As one opens them in a browser on this machine: by the name localhost, without which there are no passkeys.</summary>
    public IReadOnlyList<string> ToOpen => [.. All.Select(ToOpenAt).Distinct()];

    /// <summary>The port of an https address; null if there is none.</summary>
    public int? HttpsPort => All.Select(BindingAddress.Parse).FirstOrDefault(a => a.Scheme == Uri.UriSchemeHttps)?.Port;

    private ICollection<string> All => services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    /// <summary>The same for one address.</summary>
    internal static string ToOpenAt(string address)
    {
        var bound = BindingAddress.Parse(address);
        return !bound.IsUnixPipe && !bound.IsNamedPipe && IPAddress.TryParse(bound.Host.Trim('[', ']'), out var ip)
            && (ip.Equals(IPAddress.Loopback) || ip.Equals(IPAddress.IPv6Loopback) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            ? $"{bound.Scheme}://localhost:{bound.Port}"
            : address;
    }

    /// <summary>Takes note of an address that is about to be opened.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="url">The same as it is shown, scheme and all.</param>
    /// <param name="hasProxies">Whether proxies are named, one of which may speak https in front of it.</param>
    /// <exception cref="InvalidOperationException">What is said there could be read on its way.</exception>
    internal void Note(EndPoint endPoint, string url, bool hasProxies)
    {
        if (endPoint is UnixDomainSocketEndPoint or NamedPipeEndPoint || (endPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address)))
        {
            return;
        }

        if (!hasProxies && !url.StartsWith(Uri.UriSchemeHttps + ':', StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                $"It was told to listen on {url}, which others can reach, by plain http: passwords and cookies could be read on their way. Give it an https address in ASPNETCORE_URLS (or --urls) and a certificate in Kestrel:Certificates:Default:Path; or name the proxy that speaks https in front of it in {ProxyOptions.Key}, for example {ProxyOptions.Key}:0=10.0.0.7; or let it listen on http://localhost:5080 alone.");
        }

        _reachOthers = true;
    }
}

/// <summary>What start needs for <see cref="Addresses"/>.</summary>
internal static class AddressesSetup
{
    /// <summary>Looks at every address before it is opened, wherever it was set.</summary>
    public static WebApplicationBuilder CheckAddresses(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Addresses>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            var addresses = kestrel.ApplicationServices.GetRequiredService<Addresses>();
            var hasProxies = kestrel.ApplicationServices.GetRequiredService<IOptions<ProxyOptions>>().Value.Proxies.Count > 0;
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next =>
            {
                // Not a part of any connection: this runs once, after https was put on the address and before its socket is opened.
                addresses.Note(listen.EndPoint, listen.ToString()!, hasProxies);
                return next;
            }));
        });
        return builder;
    }
}
