using System.Net;
using System.Text.Json;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>Every known body through the whole program, beside what the official SDK makes of it.</summary>
public sealed class WixCasesTests
{
    /// <summary>Accepted by the SDK, refused here, and why.</summary>
    private static readonly Dictionary<string, string> _stricter = new()
    {
        ["sig-alg-RS384"] = "Wix signs with RS256 only",
        ["sig-alg-RS512"] = "Wix signs with RS256 only",
        ["sig-alg-PS256"] = "Wix signs with RS256 only",
        ["sig-alg-PS384"] = "Wix signs with RS256 only",
        ["sig-alg-PS512"] = "Wix signs with RS256 only",
        ["sig-crit-b64-true"] = "critical header fields are refused whole",
        ["text-inner-lf-sig"] = "not base64url",
        ["text-sig-padding"] = "not base64url",
        ["text-std-base64-sig"] = "not base64url",
        ["text-sig-junk-chars"] = "not base64url",
        ["text-payload-std-base64"] = "not base64url",
        ["text-payload-bom"] = "a byte order mark is not JSON",
        ["text-body-bom"] = "a byte order mark is no part of a token",
        ["text-body-nul"] = "a NUL is no white space",
        ["text-body-bad-utf8"] = "not ASCII",
        ["text-payload-bad-utf8"] = "not UTF-8",
    };

    /// <summary>Refused by the SDK, accepted here, and why.</summary>
    private static readonly Dictionary<string, string> _laxer = new()
    {
        ["text-leading-space"] = "white space around a token harms nobody",
        ["text-leading-lf"] = "white space around a token harms nobody",
    };

    [Fact]
    public async Task Every_case_is_answered_and_stored_as_the_SDK_reads_it()
    {
        var faults = new List<string>();
        foreach (var (name, body, nowEpoch) in WixCases.All)
        {
            // A database each: cases share event ids.
            using var app = DashboardApp.Start(new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(nowEpoch)), settings: new() { ["Wix:PublicKeys:0"] = WixCases.PublicKeyPem });
            using var content = new ByteArrayContent(body);
            var status = (await app.Client.PostAsync("/webhooks/wix", content, TestContext.Current.CancellationToken)).StatusCode;
            var answer = WixCases.Answers[name];
            var verified = (answer.GetProperty("verified").GetBoolean() && !_stricter.ContainsKey(name)) || _laxer.ContainsKey(name);
            if ((status == HttpStatusCode.OK) != verified)
            {
                faults.Add($"{name}: answered {(int)status}");
                continue;
            }

            if (verified && answer.GetProperty("parsed") is { ValueKind: JsonValueKind.Object } parsed && !parsed.GetProperty("payload").TryGetProperty("$omitted", out _) is var whole && whole)
            {
                faults.AddRange((await CompareAsync(app, answer.GetProperty("parsed"))).Select(fault => $"{name}: {fault}"));
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Key_formats_are_read_or_refused_by_name()
    {
        string[] refused = ["ec-pem", "empty", "junk"];
        foreach (var (name, key) in WixCases.KeyFormats)
        {
            var read = PublicKeyReader.TryRead(key, Path.GetTempPath(), out var parsed, out var fault);
            Assert.True(read != refused.Contains(name), $"{name}: {fault}");
            Assert.Equal(read, parsed is not null);
            Assert.Equal(read, fault is null);
        }
    }

    private static async Task<List<string>> CompareAsync(DashboardApp app, JsonElement parsed)
    {
        var faults = new List<string>();
        var payload = parsed.GetProperty("payload");
        var delivery = (await app.Deliveries.PageAsync([], 1, 1, TestContext.Current.CancellationToken)).Deliveries.Single();
        var type = parsed.TryGetProperty("eventType", out var t) && t.ValueKind == JsonValueKind.String ? t.GetString() : null;
        var entity = FindEntity(payload);
        var expected = !string.IsNullOrEmpty(type) && type != WebhookDecoder.LoyaltyImportCreated ? DeliveryOutcome.Ignored : entity is null || type is null ? DeliveryOutcome.Quarantined : DeliveryOutcome.Stored;
        if (delivery.Outcome != expected)
        {
            return [$"is {delivery.Outcome}, not {expected} ({delivery.Cause})"];
        }

        if (expected != DeliveryOutcome.Stored)
        {
            return [];
        }

        var id = Text(entity!.Value, "id") is { Length: > 0 } own ? own : Text(payload, "entityId")!;
        var stored = await app.Imports.FindAsync(id, TestContext.Current.CancellationToken);
        if (stored is null)
        {
            return [$"there is no import {id}"];
        }

        var import = stored.LoyaltyImport;
        Same("asyncImportJobId", import.AsyncImportJobId, Text(entity.Value, "asyncImportJobId"));
        SameNumberText("revision", import.Revision, Text(entity.Value, "revision"));
        Same("status", import.Status, Text(entity.Value, "status"));
        SameTime("createdDate", import.CreatedDate, entity.Value, "createdDate");
        SameTime("updatedDate", import.UpdatedDate, entity.Value, "updatedDate");
        var file = Child(entity.Value, "fileMetadata");
        Same("name", import.FileMetadata?.Name, Text(file, "name"));
        Same("url", import.FileMetadata?.Url, Text(file, "url"));
        SameNumber("size", import.FileMetadata?.Size, file, "size");
        Same("header", List(import.FileMetadata?.Header?.Values), List(Child(file, "header"), "values"));
        Same("samples", string.Join(";", (import.FileMetadata?.SampleDataRows ?? []).Select(r => List(r.Values))), string.Join(";", Items(file, "sampleDataRows").Select(r => List(r, "values"))));
        Same("mapping", string.Join(";", (import.FileMetadata?.HeaderMappingInfo?.HeaderMappings ?? []).Select(m => $"{m.ColumnName}={m.ColumnIndex}")),
            string.Join(";", Items(Child(file, "headerMappingInfo"), "headerMappings").Select(m => $"{Text(m, "columnName")}={Text(m, "columnIndex")}")));
        SameNumber("parsedRowCount", import.ParseResult?.ParsedRowCount, Child(entity.Value, "parseResult"), "parsedRowCount");
        Same("parseErrorReason", import.ParseResult?.ParseErrorReason, Text(Child(entity.Value, "parseResult"), "parseErrorReason"));
        var result = Child(entity.Value, "importResult");
        SameNumber("successCount", import.ImportResult?.SuccessCount, result, "successCount");
        SameNumber("failureCount", import.ImportResult?.FailureCount, result, "failureCount");
        Same("errorFileExists", import.ImportResult?.ErrorFileExists?.ToString().ToLowerInvariant(), Text(result, "errorFileExists")?.ToLowerInvariant());
        Same("event id", stored.Event!.Id, Text(payload, "id") is { Length: > 0 } eventId ? eventId : null);
        Same("slug", stored.Event.Slug, Text(payload, "slug"));
        Same("entityFqdn", stored.Event.EntityFqdn, Text(payload, "entityFqdn"));
        Same("entityId", stored.Event.EntityId, Text(payload, "entityId"));
        Same("sequence", stored.Event.EntityEventSequence, Text(payload, "entityEventSequence"));
        Same("originatedFrom", stored.Event.OriginatedFrom, Text(payload, "originatedFrom"));
        SameTime("eventTime", stored.Event.EventTime, payload, "eventTime");
        Same("instanceId", stored.Event.InstanceId, Text(parsed, "instanceId") is { Length: > 0 } instance ? instance : null);
        if (parsed.TryGetProperty("identity", out var identity) && identity.ValueKind == JsonValueKind.Object)
        {
            Same("identity", Compact(stored.Event.Identity), Compact(identity));
        }

        return faults;

        void Same(string field, string? ours, string? theirs)
        {
            if (ours != theirs)
            {
                faults.Add($"{field} is {ours ?? "absent"}, not {theirs ?? "absent"}");
            }
        }

        // JavaScript cannot hold whole numbers above 2^53; we can.
        void SameNumberText(string field, string? ours, string? theirs)
        {
            if (ours == "9007199254740993" && theirs == "9007199254740992")
            {
                return;
            }

            Same(field, ours is not null && theirs is not null && decimal.TryParse(ours, out var a) && decimal.TryParse(theirs, out var b) && a == b ? theirs : ours, theirs);
        }

        // A number no column can hold (a fraction, beyond 64 bits, a word) is absent here and named unreadable.
        void SameNumber(string field, long? ours, JsonElement? parent, string name)
        {
            var theirs = Text(parent, name);
            var readable = decimal.TryParse(theirs, System.Globalization.NumberStyles.Float, null, out var number) && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue;
            Same(field, ours?.ToString(), readable ? ((long)number).ToString() : null);
        }

        // Cut to milliseconds, as JavaScript does; what is no date there is absent here.
        void SameTime(string field, DateTimeOffset? ours, JsonElement parent, string name)
        {
            var text = Text(parent, name);
            var isDate = text is { Length: > 0 } && (long.TryParse(text, out _) || DateTimeOffset.TryParse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal, out _));
            if (isDate != ours is not null)
            {
                faults.Add($"{field} is {ours?.ToString() ?? "absent"} for {text}");
            }
            else if (ours is { } time && DateTimeOffset.TryParse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var expectedTime) && time.ToUnixTimeMilliseconds() != expectedTime.ToUnixTimeMilliseconds())
            {
                faults.Add($"{field} is {time:O}, not {text}");
            }
        }
    }

    private static JsonElement? FindEntity(JsonElement payload)
    {
        var created = Child(payload, "createdEvent");
        foreach (var place in new[] { Child(created, "entity"), Child(created, "entityAsJson"), Child(Child(payload, "updatedEvent"), "currentEntity") })
        {
            var entity = place;
            if (entity is { ValueKind: JsonValueKind.String } text)
            {
                try
                {
                    entity = JsonDocument.Parse(text.GetString()!, new JsonDocumentOptions { MaxDepth = 1024 }).RootElement;
                }
                catch (JsonException)
                {
                    continue;
                }
            }

            if (entity is { ValueKind: JsonValueKind.Object } found)
            {
                return Child(found, "loyaltyImport") is { ValueKind: JsonValueKind.Object } inner ? inner : found;
            }
        }

        return null;
    }

    private static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null ? child : null;

    private static string? Text(JsonElement? parent, string name) => Child(parent, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object or JsonValueKind.Array } => null,
        { } other => other.GetRawText(),
        null => null,
    };

    private static IEnumerable<JsonElement> Items(JsonElement? parent, string name) => Child(parent, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static string List(JsonElement? parent, string name) => string.Join("|", Items(parent, name).Select(v => v.ValueKind == JsonValueKind.String ? v.GetString() : v.GetRawText()));

    private static string List(IReadOnlyList<string>? values) => string.Join("|", values ?? []);

    private static string? Compact(JsonElement? element) => element is { } some ? System.Text.Json.Nodes.JsonNode.Parse(some.GetRawText())!.ToJsonString() : null;
}
