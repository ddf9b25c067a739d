using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A request at the SDK's door as a test wants it. Signs on its own, apart from the product, so that one cannot hide a fault of the other.</summary>
public sealed record SdkForward
{
    public const string Path = "/webhooks/wix-sdk";
    public const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    public required byte[] Body { get; init; }

    public string? Id { get; init; } = "msg-1";

    public string? Timestamp { get; init; }

    /// <summary>The header, when it is not to be the true one.</summary>
    public string? Signature { get; init; }

    /// <summary>What the SDK would hand to the site's code of a webhook, forwarded at a time.</summary>
    public static SdkForward Of(WixWebhook webhook, DateTimeOffset sentAt) => Of(webhook.ToClaims(), sentAt);

    /// <inheritdoc cref="Of(WixWebhook, DateTimeOffset)"/>
    public static SdkForward Of(string claims, DateTimeOffset sentAt) => OfJson(Hand(claims), sentAt);

    public static SdkForward OfJson(string json, DateTimeOffset sentAt) => new() { Body = Encoding.UTF8.GetBytes(json), Timestamp = Seconds(sentAt) };

    public static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static string NewSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>One signature over what this request says.</summary>
    public string SignedWith(string secret) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), (byte[])[.. Encoding.UTF8.GetBytes($"{Id}.{Timestamp}."), .. Body]));

    public HttpRequestMessage ToRequest(string secret = Secret)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(Body) };
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("webhook-id", Id), ("webhook-timestamp", Timestamp), ("webhook-signature", Signature ?? SignedWith(secret))])
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    // As the SDK does it: the layers opened, three names renamed at any depth, times cut to milliseconds, the event type dropped.
    private static string Hand(string claims)
    {
        var envelope = Open(Open(claims)["data"]!.GetValue<string>());
        var metadata = Open(envelope["data"]!.GetValue<string>());
        var entity = metadata["createdEvent"]?["entity"];
        metadata.Remove("createdEvent");
        Cut(metadata, "eventTime");
        foreach (var name in (string[])["createdDate", "updatedDate"])
        {
            Cut(entity as JsonObject, name);
        }

        metadata["instanceId"] = envelope["instanceId"]?.DeepClone();
        metadata["identity"] = envelope["identity"] is JsonValue identity ? Open(identity.GetValue<string>()) : null;
        var handed = new JsonObject { ["entity"] = Renamed(entity), ["metadata"] = Renamed(metadata) };
        return handed.ToJsonString(new JsonSerializerOptions { MaxDepth = 1024 });
    }

    private static JsonObject Open(string json) => JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 1024 })!.AsObject();

    private static void Cut(JsonObject? parent, string name)
    {
        if (parent?[name]?.GetValue<string>() is { } text)
        {
            parent[name] = DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    private static JsonNode? Renamed(JsonNode? node) => node switch
    {
        JsonObject parent => new JsonObject(parent.Select(p => KeyValuePair.Create(p.Key is "id" or "createdDate" or "updatedDate" ? "_" + p.Key : p.Key, Renamed(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Renamed)]),
        null => null,
        _ => node.DeepClone(),
    };
}
