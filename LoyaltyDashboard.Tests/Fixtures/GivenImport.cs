using System.Text.Json.Nodes;
using LoyaltyDashboard.Ingest;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>An import as a test wants it stored, in plain values.</summary>
public sealed record GivenImport
{
    public string Id { get; init; } = Guid.NewGuid().ToString();

    public string EventId { get; init; } = Guid.NewGuid().ToString();

    public string? JobId { get; init; }

    public string? InstanceId { get; init; } = WixWebhook.Site;

    public DateTimeOffset Arrived { get; init; }

    public string? Status { get; init; } = "INITIATED";

    public string? Revision { get; init; } = "1";

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Updated { get; init; }

    public string? FileName { get; init; }

    public long? FileSize { get; init; }

    public IReadOnlyList<string>? Header { get; init; }

    public IReadOnlyList<(string Field, int Column)>? Mapping { get; init; }

    public IReadOnlyList<IReadOnlyList<string>>? Samples { get; init; }

    public long? Rows { get; init; }

    public string? ErrorReason { get; init; }

    public long? Succeeded { get; init; }

    public long? Failed { get; init; }

    public bool? ErrorFile { get; init; }

    public WixWebhook ToWebhook() => new() { ImportId = Id, EventId = EventId, InstanceId = InstanceId!, Entity = Describe };

    public Delivery ToDelivery() => ToWebhook().ToDelivery(Arrived);

    private void Describe(JsonObject entity)
    {
        entity.Clear();
        Add(entity, "id", Id);
        Add(entity, "asyncImportJobId", JobId);
        Add(entity, "revision", Revision);
        Add(entity, "createdDate", Created?.UtcDateTime);
        Add(entity, "updatedDate", Updated?.UtcDateTime);
        Add(entity, "status", Status);
        var file = new JsonObject();
        Add(file, "name", FileName);
        Add(file, "size", FileSize);
        Add(file, "header", Header is null ? null : new JsonObject { ["values"] = Strings(Header) });
        Add(file, "headerMappingInfo", Mapping is null ? null : new JsonObject
        {
            ["headerMappings"] = new JsonArray([.. Mapping.Select(m => new JsonObject { ["columnName"] = m.Field, ["columnIndex"] = m.Column })]),
        });
        Add(file, "sampleDataRows", Samples is null ? null : new JsonArray([.. Samples.Select(row => new JsonObject { ["values"] = Strings(row) })]));
        Add(entity, "fileMetadata", file);
        var parsed = new JsonObject();
        Add(parsed, "parsedRowCount", Rows);
        Add(parsed, "parseErrorReason", ErrorReason);
        Add(entity, "parseResult", parsed);
        var result = new JsonObject();
        Add(result, "errorFileExists", ErrorFile);
        Add(result, "successCount", Succeeded);
        Add(result, "failureCount", Failed);
        Add(entity, "importResult", result);
    }

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    // What is absent is left out, as Wix does.
    private static void Add(JsonObject parent, string name, JsonNode? value)
    {
        if (value is not null)
        {
            parent[name] = value;
        }
    }
}
