using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>Every known body through the whole program, beside what the official SDK makes of it. <see cref="SdkDifferences"/> lists where the two may differ.</summary>
public sealed class WixCasesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_case_is_answered_and_stored_as_the_SDK_reads_it()
    {
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(WixCases.All, Stop, async (known, _) =>
        {
            // A database each: cases share event ids.
            using var app = DashboardApp.Start(new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(known.NowEpoch)), settings: new() { ["Wix:PublicKeys:0"] = WixCases.PublicKeyPem });
            foreach (var fault in await CheckAsync(app, known.Name, known.Body))
            {
                faults.Add($"{known.Name}: {fault}");
            }
        });

        Assert.Equal(177, WixCases.All.Count);
        Assert.True(faults.IsEmpty, string.Join('\n', faults));
    }

    [Fact]
    public void Every_listed_difference_belongs_to_a_case() =>
        Assert.Empty(SdkDifferences.Stricter.Keys.Concat(SdkDifferences.SdkThrows.Keys).Except(WixCases.All.Select(c => c.Name)));

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

    private static async Task<IReadOnlyList<string>> CheckAsync(DashboardApp app, string name, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        var status = (await app.Client.PostAsync("/webhooks/wix", content, Stop)).StatusCode;
        var answer = WixCases.Answers[name];
        var isAuthentic = answer.GetProperty("verified").GetBoolean() && !SdkDifferences.Stricter.ContainsKey(name);
        if (!isAuthentic)
        {
            var isKept = await app.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop) > 0;
            return (int)status is >= 400 and < 500 && !isKept ? [] : [$"was answered {(int)status}{(isKept ? " and kept" : string.Empty)}, though it is not authentic"];
        }

        if (status != HttpStatusCode.OK)
        {
            return [$"was answered {(int)status}, though it is authentic"];
        }

        var delivery = (await app.Deliveries.PageAsync(Reader.System, [], 1, 2, Stop)).Deliveries.Single();
        if (answer.GetProperty("parsed") is not { ValueKind: JsonValueKind.Object } parsed)
        {
            var known = SdkDifferences.SdkThrows.TryGetValue(name, out var expected);
            return known ? (delivery.Outcome == expected.Outcome ? [] : [$"is {delivery.Outcome}, not {expected.Outcome} ({delivery.Cause})"])
                : ["the SDK throws, and nobody has said what this program should do"];
        }

        if (name == SdkDifferences.OmittedFromAnswers)
        {
            return delivery.Outcome == DeliveryOutcome.Stored ? [] : [$"is {delivery.Outcome} ({delivery.Cause})"];
        }

        return await CompareAsync(app, delivery, parsed);
    }

    private static async Task<IReadOnlyList<string>> CompareAsync(DashboardApp app, DeliveryRecord delivery, JsonElement parsed)
    {
        var payload = parsed.GetProperty("payload");
        var type = Text(parsed, "eventType");
        var found = SdkDifferences.Entity(payload);
        var id = found is null ? null : Text(found, "id") is { Length: > 0 } own ? own : Text(payload, "entityId");
        var expected = !string.IsNullOrEmpty(type) && type != WebhookDecoder.LoyaltyImportCreated ? DeliveryOutcome.Ignored
            : string.IsNullOrEmpty(type) || string.IsNullOrEmpty(id) ? DeliveryOutcome.Quarantined
            : DeliveryOutcome.Stored;
        if (delivery.Outcome != expected)
        {
            return [$"is {delivery.Outcome}, not {expected} ({delivery.Cause})"];
        }

        if (expected != DeliveryOutcome.Stored)
        {
            return [];
        }

        if (await app.Imports.FindAsync(Reader.System, id!, Stop) is not { } stored)
        {
            return [$"there is no import {id}"];
        }

        var faults = new List<string>();
        var (import, entity) = (stored.LoyaltyImport, found!.Value);
        Same("asyncImportJobId", import.AsyncImportJobId, Text(entity, "asyncImportJobId"));
        Check("revision", SdkDifferences.SameRevision(import.Revision, Text(entity, "revision")), import.Revision, Text(entity, "revision"));
        Same("status", import.Status, Text(entity, "status"));
        Time("createdDate", import.CreatedDate, Text(entity, "createdDate"));
        Time("updatedDate", import.UpdatedDate, Text(entity, "updatedDate"));

        var file = SdkDifferences.Child(entity, "fileMetadata");
        Same("fileMetadata.name", import.FileMetadata?.Name, Text(file, "name"));
        Same("fileMetadata.url", import.FileMetadata?.Url, Text(file, "url"));
        Number("fileMetadata.size", import.FileMetadata?.Size, Text(file, "size"));
        Same("header", List(import.FileMetadata?.Header?.Values), List(SdkDifferences.Child(file, "header"), "values"));
        Same("sampleDataRows", string.Join(";", (import.FileMetadata?.SampleDataRows ?? []).Select(r => List(r.Values))), string.Join(";", Items(file, "sampleDataRows").Select(r => List(r, "values"))));
        Same(
            "headerMappings",
            string.Join(";", (import.FileMetadata?.HeaderMappingInfo?.HeaderMappings ?? []).Select(m => $"{m.ColumnName}={m.ColumnIndex}")),
            string.Join(";", Items(SdkDifferences.Child(file, "headerMappingInfo"), "headerMappings").Select(m => $"{Text(m, "columnName")}={Text(m, "columnIndex")}")));

        var (parse, result) = (SdkDifferences.Child(entity, "parseResult"), SdkDifferences.Child(entity, "importResult"));
        Number("parsedRowCount", import.ParseResult?.ParsedRowCount, Text(parse, "parsedRowCount"));
        Same("parseErrorReason", import.ParseResult?.ParseErrorReason, Text(parse, "parseErrorReason"));
        Number("successCount", import.ImportResult?.SuccessCount, Text(result, "successCount"));
        Number("failureCount", import.ImportResult?.FailureCount, Text(result, "failureCount"));
        Same("errorFileExists", import.ImportResult?.ErrorFileExists?.ToString().ToLowerInvariant(), Text(result, "errorFileExists")?.ToLowerInvariant());

        var announced = stored.Event!;
        Same("event.id", announced.Id, Text(payload, "id") is { Length: > 0 } eventId ? eventId : null);
        Same("event.eventType", announced.EventType, type);
        Same("event.slug", announced.Slug, Text(payload, "slug"));
        Same("event.entityFqdn", announced.EntityFqdn, Text(payload, "entityFqdn"));
        Same("event.entityId", announced.EntityId, Text(payload, "entityId"));
        Check("event.entityEventSequence", SdkDifferences.SameRevision(announced.EntityEventSequence, Text(payload, "entityEventSequence")), announced.EntityEventSequence, Text(payload, "entityEventSequence"));
        Same("event.originatedFrom", announced.OriginatedFrom, Text(payload, "originatedFrom"));
        Same("event.triggeredByAnonymizeRequest", announced.TriggeredByAnonymizeRequest?.ToString().ToLowerInvariant(), Text(payload, "triggeredByAnonymizeRequest")?.ToLowerInvariant());
        Time("event.eventTime", announced.EventTime, Text(payload, "eventTime"));
        Same("event.instanceId", announced.InstanceId, Text(parsed, "instanceId") is { Length: > 0 } instance ? instance : null);
        Same("event.identity", Compact(announced.Identity), Compact(Object(parsed, "identity")));
        Same("event.accountInfo", Compact(announced.AccountInfo), Compact(SdkDifferences.AccountInfo(parsed)));
        return faults;

        void Same(string field, string? ours, string? theirs) => Check(field, ours == theirs, ours, theirs);

        void Number(string field, long? ours, string? theirs) => Check(field, SdkDifferences.SameNumber(ours, theirs), ours, theirs);

        void Time(string field, DateTimeOffset? ours, string? theirs) => Check(field, SdkDifferences.SameTime(ours, theirs), ours, theirs);

        void Check(string field, bool isSame, object? ours, object? theirs)
        {
            if (!isSame)
            {
                faults.Add($"{field} is {ours ?? "absent"}, not {theirs ?? "absent"}");
            }
        }
    }

    private static string? Text(JsonElement? parent, string name) => SdkDifferences.Child(parent, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object or JsonValueKind.Array } => null,
        { } other => other.GetRawText(),
        null => null,
    };

    private static JsonElement? Object(JsonElement parent, string name) => SdkDifferences.Child(parent, name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    private static IReadOnlyList<JsonElement> Items(JsonElement? parent, string name) => SdkDifferences.Child(parent, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static string List(JsonElement? parent, string name) => string.Join("|", Items(parent, name).Select(v => v.ValueKind == JsonValueKind.String ? v.GetString() : v.GetRawText()));

    private static string List(IReadOnlyList<string>? values) => string.Join("|", values ?? []);

    private static string? Compact(JsonElement? element) => element is { } some ? JsonNode.Parse(some.GetRawText())!.ToJsonString() : null;
}
