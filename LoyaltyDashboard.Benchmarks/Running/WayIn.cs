using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>The ways past the sign-in: a key for what speaks HTTP, and for a real browser the link that a dashboard in Development prints.</summary>
internal static partial class WayIn
{
    // Made for each run.
    private static readonly string _key = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");

    /// <summary>The header's value.</summary>
    public static string Bearer => "Bearer " + _key;

    /// <summary>The configuration that gives the key, as environment variables are named.</summary>
    public static IEnumerable<(string Key, string Value)> Settings => [("Access__ApiKeys__0__Name", "benchmarks"), ("Access__ApiKeys__0__Role", "Administrator"), ("Access__ApiKeys__0__Key", _key)];

    /// <summary>The configuration for a dashboard that a browser signs in to.</summary>
    public static IEnumerable<(string Key, string Value)> BrowserSettings => [("ASPNETCORE_ENVIRONMENT", "Development"), ("Sandbox__Enabled", "false")];

    /// <summary>Sends the key with each request.</summary>
    public static HttpClient WithKey(this HttpClient client)
    {
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(Bearer);
        return client;
    }

    /// <summary>Sends the key when the socket is opened.</summary>
    public static ClientWebSocket WithKey(this ClientWebSocket socket)
    {
        socket.Options.SetRequestHeader("Authorization", Bearer);
        return socket;
    }

    /// <summary>The address that signs a browser in.</summary>
    public static async Task<Uri> SignInLinkAsync(ServerProcess server)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if (Link().Match(server.Output) is { Success: true } link)
            {
                return new(server.Address, link.Value);
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException("The dashboard printed no link that signs in.");
    }

    [GeneratedRegex(@"/sign-in/development\?secret=\S+")]
    private static partial Regex Link();
}
