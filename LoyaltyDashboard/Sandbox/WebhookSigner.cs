using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Sandbox;

/// <summary>
/// Signs webhooks exactly as Wix does: a compact RS256 token without <c>typ</c>, whose <c>data</c> claim is JSON in a string, holding the event as JSON in a string again.
/// </summary>
public sealed class WebhookSigner(RSA privateKey)
{
    /// <summary>How long Wix's tokens live, in seconds: 41 days and 16 hours.</summary>
    public const long LifetimeSeconds = 3_600_000;

    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string _header = Encode("{\"kid\":\"sAndb0x1\",\"alg\":\"RS256\"}");

    // RSA objects are not for use by several threads at once.
    private readonly Lock _gate = new();

    /// <summary>Signs an event.</summary>
    /// <param name="sandboxEvent">What to announce.</param>
    /// <param name="issuedAt">When.</param>
    /// <returns>The request body.</returns>
    public string Sign(SandboxEvent sandboxEvent, DateTimeOffset issuedAt)
    {
        var signed = _header + "." + Encode(Claims(sandboxEvent, issuedAt));
        byte[] signature;
        lock (_gate)
        {
            signature = privateKey.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        return signed + "." + Base64Url.EncodeToString(signature);
    }

    /// <summary>What a token says before it is signed.</summary>
    /// <param name="sandboxEvent">What to announce.</param>
    /// <param name="issuedAt">When.</param>
    public static string Claims(SandboxEvent sandboxEvent, DateTimeOffset issuedAt)
    {
        var envelope = new JsonObject
        {
            ["data"] = sandboxEvent.Data.ToJsonString(_json),
            ["instanceId"] = sandboxEvent.InstanceId,
            ["eventType"] = sandboxEvent.EventType,
            ["identity"] = new JsonObject { ["identityType"] = "WIX_USER", ["wixUserId"] = sandboxEvent.WixUserId }.ToJsonString(_json),
            ["webhookId"] = $"wId_{issuedAt.ToUnixTimeMilliseconds()}_1__{sandboxEvent.EventId[..5]}",
        };
        return new JsonObject
        {
            ["data"] = envelope.ToJsonString(_json),
            ["iat"] = issuedAt.ToUnixTimeSeconds(),
            ["exp"] = issuedAt.ToUnixTimeSeconds() + LifetimeSeconds,
        }.ToJsonString(_json);
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
