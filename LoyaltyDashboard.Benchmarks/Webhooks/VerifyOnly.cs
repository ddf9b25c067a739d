using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Webhooks;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Benchmarks.Webhooks;

/// <summary>The ceiling that this machine sets: our own server and the door's own verification, then 200 at once and nothing stored.</summary>
internal static class VerifyOnly
{
    private const string Name = "serve-verify-only";

    /// <summary>The command that this program starts itself with, in a process of its own.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Serves the door with nothing behind it.") { Hidden = true };
        command.SetAction((_, cancellation) => ServeAsync(cancellation));
        return command;
    }

    /// <summary>Starts it as a process.</summary>
    public static Task<ServerProcess> StartAsync(string publicKeyPem)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(VerifyOnly).Assembly.Location, Name]);
        start.Environment["Wix__PublicKeys__0"] = publicKeyPem;
        return ServerProcess.StartAsync(start, PublishedDashboard.ReadAddress);
    }

    private static async Task ServeAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.Configure<WixOptions>(builder.Configuration.GetSection("Wix"));
        builder.Services.AddSingleton<TokenVerifier>();
        builder.Services.AddSingleton<BoundedBody>();
        var app = builder.Build();
        app.MapPost("/webhooks/wix", async (HttpContext context, BoundedBody bodies, TokenVerifier verifier) =>
        {
            var (verdict, body) = await bodies.ReadAsync(context.Request, TokenVerifier.LargestToken);
            return verdict == BodyVerdict.Whole && (await verifier.VerifyAsync(body)).Verdict == TokenVerdict.Authentic ? Results.Text("stored") : Results.StatusCode(StatusCodes.Status401Unauthorized);
        });
        await app.StartAsync(cancellation);
        Console.WriteLine($"verify-only is ready: {app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}");
        await app.WaitForShutdownAsync(cancellation);
    }
}
