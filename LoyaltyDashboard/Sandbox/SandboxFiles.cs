using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LoyaltyDashboard.Sandbox;

/// <summary>The stand-in serves error files from this program itself, so links to it must be allowed while the sandbox is on.</summary>
internal static class SandboxFiles
{
    /// <summary>Below this the stand-in for Wix answers.</summary>
    public const string Path = SandboxApi.Path + "/";

    /// <summary>Lets links to the sandbox's own files be opened.</summary>
    public static IServiceCollection TrustSandboxFiles(this IServiceCollection services) => services.AddSingleton(provider =>
    {
        // The address is known once the server listens.
        var server = provider.GetRequiredService<IServer>();
        return new TrustedFiles(link => Covers(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [], link));
    });

    /// <summary>Whether a link leads below <see cref="Path"/> of one of the program's own addresses on this machine.</summary>
    public static bool Covers(IEnumerable<string> addresses, Uri link) =>
        link.IsLoopback
        && link.AbsolutePath.StartsWith(Path, StringComparison.Ordinal)
        && addresses.Any(address => Uri.TryCreate(address, UriKind.Absolute, out var own) && own.Scheme == link.Scheme && own.Port == link.Port);
}
