using System.Text.Json;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>Bodies of the webhook, and what the official SDK makes of each.</summary>
public static class WixCases
{
    private static readonly JsonDocument _cases = Load("cases.json");
    private static readonly JsonDocument _answers = Load("answers.json");

    public static string PublicKeyPem => _cases.RootElement.GetProperty("publicKeyPem").GetString()!;

    public static IReadOnlyList<(string Name, byte[] Body, long NowEpoch)> All { get; } =
    [
        .. _cases.RootElement.GetProperty("cases").EnumerateArray().Select(c => (
            c.GetProperty("name").GetString()!,
            c.TryGetProperty("bodyBase64", out var raw) ? raw.GetBytesFromBase64() : System.Text.Encoding.UTF8.GetBytes(c.GetProperty("body").GetString()!),
            c.GetProperty("nowEpoch").GetInt64())),
    ];

    public static IReadOnlyDictionary<string, JsonElement> Answers { get; } = _answers.RootElement.GetProperty("answers").EnumerateArray().ToDictionary(a => a.GetProperty("name").GetString()!);

    public static IReadOnlyList<(string Name, string Key)> KeyFormats { get; } =
        [.. _cases.RootElement.GetProperty("keyFormats").EnumerateArray().Select(k => (k.GetProperty("name").GetString()!, k.GetProperty("publicKey").GetString()!))];

    private static JsonDocument Load(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TestData", "wix-cases", name)), new JsonDocumentOptions { MaxDepth = 1024 });
}
