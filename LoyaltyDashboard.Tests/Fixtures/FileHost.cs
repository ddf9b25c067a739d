using System.Net;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A place that serves files over plain http on this machine, under made-up host names that only <see cref="Client"/> resolves.</summary>
public sealed class FileHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FileHost(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    /// <summary>Requests that came through, by path.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Names that were resolved.</summary>
    public List<string> Resolved { get; } = [];

    public static async Task<FileHost> StartAsync(RequestDelegate serve)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        FileHost? host = null;
        app.Run(context =>
        {
            lock (host!.Asked)
            {
                host.Asked.Add(context.Request.Path);
            }

            return serve(context);
        });
        await app.StartAsync();
        return host = new(app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);
    }

    public Uri Link(string path = "/errors.csv", string host = "files.example", string scheme = "http") => new($"{scheme}://{host}:{Port}{path}");

    /// <summary>A client that trusts one host name, and to which every name is an address of this machine unless said otherwise.</summary>
    public ErrorFileClient Client(string? trusted = "files.example", TimeProvider? time = null, IPAddress[]? addresses = null)
    {
        TrustedFiles[] exceptions = trusted is null ? [] : [new(link => link.Host == trusted)];
        return new(exceptions, time ?? TimeProvider.System, (name, _) =>
        {
            Resolved.Add(name);
            return Task.FromResult(addresses ?? [IPAddress.Loopback]);
        });
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
