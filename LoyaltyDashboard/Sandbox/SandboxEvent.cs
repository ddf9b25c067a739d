using System.Globalization;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Sandbox;

/// <summary>An event ready to be signed: the inner data and what the envelope says of it.</summary>
public sealed record SandboxEvent(string EventId, string ImportId, string InstanceId, string WixUserId, string EventType, JsonObject Data)
{
    /// <summary>"Loyalty import created" for an import, in the shape of Wix's SDK: the entity as an object, 64-bit numbers as text.</summary>
    public static SandboxEvent Created(LoyaltyImport import, string eventId, SandboxSite site, DateTimeOffset eventTime) => new(
        eventId, import.Id, site.InstanceId, site.OwnerId, WebhookDecoder.LoyaltyImportCreated, new JsonObject
        {
            ["id"] = eventId,
            ["entityFqdn"] = "wix.loyalty.imports.v1.loyalty_import",
            ["slug"] = "created",
            ["entityId"] = import.Id,
            ["createdEvent"] = new JsonObject { ["entity"] = JsonNode.Parse(ImportJson.Write(import)) },
            ["eventTime"] = eventTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["triggeredByAnonymizeRequest"] = false,
            ["entityEventSequence"] = "1",
        });

    /// <summary>What the Test button at Wix sends: the documentation's filler, always the same event.</summary>
    public static SandboxEvent WixTest(SandboxSite site) => new(
        WebhookDecoder.TestEventId, "8046df3c-7575-4098-a5ab-c91ad8f33c47", site.InstanceId, site.OwnerId, WebhookDecoder.LoyaltyImportCreated, new JsonObject
        {
            ["id"] = WebhookDecoder.TestEventId,
            ["entityFqdn"] = "wix.loyalty.imports.v1.loyalty_import",
            ["slug"] = "created",
            ["entityId"] = "8046df3c-7575-4098-a5ab-c91ad8f33c47",
            ["createdEvent"] = new JsonObject
            {
                ["entityAsJson"] = """{"loyaltyImport":{"id":"8046df3c-7575-4098-a5ab-c91ad8f33c47","revision":1,"createdDate":"2019-10-30T17:22:10.299Z","updatedDate":"2019-10-30T17:22:10.299Z","loremUppercase":"LOREM UPPERCASE","ipsum":"lorem ipsum","businessAddress":"Pankivska 14a"}}""",
            },
            ["eventTime"] = "2020-10-18T13:40:58.304800Z",
            ["triggeredByAnonymizeRequest"] = false,
        });

    /// <summary>A site removed the app: another event type, without an event id.</summary>
    public static SandboxEvent AppRemoved(string eventId, SandboxSite site) => new(
        eventId, string.Empty, site.InstanceId, site.OwnerId, "AppRemoved", new JsonObject { ["appId"] = "11111111-2222-4333-8444-555555555555", ["marker"] = eventId });

    /// <summary>Some other event of the loyalty program: an account's points changed.</summary>
    public static SandboxEvent AccountUpdated(string eventId, string accountId, SandboxSite site) => new(
        eventId, string.Empty, site.InstanceId, site.OwnerId, "wix.loyalty.v1.account_updated", new JsonObject
        {
            ["id"] = eventId,
            ["entityFqdn"] = "wix.loyalty.v1.account",
            ["slug"] = "updated",
            ["entityId"] = accountId,
            ["updatedEvent"] = new JsonObject { ["currentEntity"] = new JsonObject { ["id"] = accountId, ["revision"] = "2", ["points"] = new JsonObject { ["balance"] = 120 } } },
            ["triggeredByAnonymizeRequest"] = false,
            ["entityEventSequence"] = "2",
        });

    /// <summary>The right event, with no import where Wix puts it.</summary>
    public static SandboxEvent WithoutImport(string eventId, SandboxSite site) => new(
        eventId, string.Empty, site.InstanceId, site.OwnerId, WebhookDecoder.LoyaltyImportCreated, new JsonObject
        {
            ["id"] = eventId,
            ["entityFqdn"] = "wix.loyalty.imports.v1.loyalty_import",
            ["slug"] = "created",
            ["createdEvent"] = new JsonObject(),
        });
}

/// <summary>An invented site.</summary>
public sealed record SandboxSite(string InstanceId, string OwnerId, string Name, string Url);
