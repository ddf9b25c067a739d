using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Ingest;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A webhook as a test wants it. Signs on its own, apart from the product's signer, so that one cannot hide a fault of the other.</summary>
public sealed record WixWebhook
{
    public const string Site = "f1a2b3c4-0001-4002-8003-000000000001";

    public string ImportId { get; init; } = Guid.NewGuid().ToString();

    public string? EventId { get; init; } = Guid.NewGuid().ToString();

    public string Status { get; init; } = "INITIATED";

    public string? Revision { get; init; } = "1";

    public string FileName { get; init; } = "members.csv";

    public string EventType { get; init; } = "wix.loyalty.imports.v1.loyalty_import_created";

    public string InstanceId { get; init; } = Site;

    /// <summary>Changes the entity before it is signed.</summary>
    public Action<JsonObject>? Entity { get; init; }

    /// <summary>Changes the inner event before it is signed.</summary>
    public Action<JsonObject>? Event { get; init; }

    /// <summary>Changes the envelope around the inner event before it is signed.</summary>
    public Action<JsonObject>? Envelope { get; init; }

    public JsonObject Claims { get; init; } = new() { ["iat"] = 1_700_000_000, ["exp"] = 99_999_999_999 };

    public string Sign(RSA key, string alg = "RS256") => SignClaims(ToClaims(), key, alg);

    /// <summary>The delivery as the door would hand it to the queue.</summary>
    public Delivery ToDelivery(DateTimeOffset receivedAt)
    {
        var claims = Encoding.UTF8.GetBytes(ToClaims());
        return WebhookDelivery.Create(claims, claims.Length, receivedAt);
    }

    /// <summary>The claims of the token, before they are signed.</summary>
    public string ToClaims()
    {
        var entity = new JsonObject
        {
            ["id"] = ImportId,
            ["revision"] = Revision,
            ["status"] = Status,
            ["createdDate"] = "2026-11-23T11:59:58.100Z",
            ["updatedDate"] = "2026-11-23T11:59:58.100Z",
            ["fileMetadata"] = new JsonObject { ["name"] = FileName, ["size"] = 20915, ["sampleDataRows"] = new JsonArray() },
            ["importResult"] = new JsonObject { ["errorFileExists"] = false },
        };
        Entity?.Invoke(entity);
        var inner = new JsonObject
        {
            ["id"] = EventId,
            ["entityFqdn"] = "wix.loyalty.imports.v1.loyalty_import",
            ["slug"] = "created",
            ["entityId"] = ImportId,
            ["createdEvent"] = new JsonObject { ["entity"] = entity },
            ["eventTime"] = "2026-11-23T11:59:58.304800Z",
        };
        Event?.Invoke(inner);
        var envelope = new JsonObject { ["data"] = inner.ToJsonString(), ["instanceId"] = InstanceId, ["eventType"] = EventType };
        Envelope?.Invoke(envelope);
        var claims = Claims.DeepClone();
        claims["data"] = envelope.ToJsonString();
        return claims.ToJsonString();
    }

    public static string SignClaims(string claims, RSA key, string alg = "RS256")
    {
        var signed = Encode($$"""{"kid":"abcdefgh","alg":"{{alg}}"}""") + "." + Encode(claims);
        var hash = alg == "RS512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        return signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), hash, RSASignaturePadding.Pkcs1));
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
