using System.Collections;
using System.Reflection;
using System.Text.Json;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components;

/// <summary>An import in which Wix has sent everything, and the same with something left out.</summary>
internal static class Sample
{
    /// <summary>What an attacker would name a file, a heading or a reason.</summary>
    public const string Hostile = "<script>alert(1)</script>\u0007\u202Egnp.\u200F";

    /// <summary>The same as a reader may see it.</summary>
    public const string HostileAsShown = "<script>alert(1)</script>\u2407\uFFFDgnp.\uFFFD";

    public static readonly DateTimeOffset Time = new(2026, 11, 24, 11, 0, 0, TimeSpan.Zero);

    public static readonly SiteView Site = new("f1a2b3c4-0001-4002-8003-000000000001", "Rosa's Café", "https://rosa.example");

    public static readonly LoyaltyImport Import = new()
    {
        Id = "5b2d8c1e-7a40-4c55-9b0d-2f6c1f3a9e11",
        AsyncImportJobId = "job-17",
        Revision = "3",
        CreatedDate = Time,
        UpdatedDate = Time.AddMinutes(2),
        Status = "IMPORTED",
        FileMetadata = new()
        {
            Size = 20_915,
            Name = "members.csv",
            Url = "https://files.example/members.csv",
            Header = new() { Values = ["name", "email", "points"] },
            HeaderMappingInfo = new() { HeaderMappings = [new() { ColumnName = "EMAIL", ColumnIndex = 1 }, new() { ColumnName = "POINTS", ColumnIndex = 2 }] },
            SampleDataRows = [new() { Values = ["Ann", "ann@example.com", "120"] }, new() { Values = ["Bob", "bob@example.com", "35"] }],
        },
        ParseResult = new() { ParsedRowCount = 4_210, ParseErrorReason = "TOO_MANY_COLUMNS" },
        ImportResult = new() { SuccessCount = 4_198, FailureCount = 11, ErrorFileExists = true },
    };

    public static readonly LoyaltyImport Bare = new() { Id = Import.Id };

    public static readonly EventMetadata Event = new()
    {
        Id = "event-1",
        EntityFqdn = "wix.loyalty.imports.v1.loyalty_import",
        Slug = "created",
        EntityId = Import.Id,
        EventTime = Time.AddSeconds(-2),
        EventType = "wix.loyalty.imports.v1.loyalty_import_created",
        TriggeredByAnonymizeRequest = false,
        OriginatedFrom = "bulk-upload",
        EntityEventSequence = "7",
        InstanceId = Site.InstanceId,
        Identity = Json("""{"identityType":"MEMBER","memberId":"member-9"}"""),
        AccountInfo = Json("""{"accountId":"account-4"}"""),
    };

    /// <summary>Every property of an import that Wix may leave out, by path.</summary>
    public static TheoryData<string> ImportPaths => new(Paths(typeof(LoyaltyImport)).Where(path => path != nameof(LoyaltyImport.Id)));

    /// <summary>Every property of an event that Wix may leave out.</summary>
    public static TheoryData<string> EventPaths => new(Paths(typeof(EventMetadata)));

    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    /// <summary>A copy of a record with one property, however deep, left out; in a list it is left out of each item.</summary>
    public static T Without<T>(T record, string path) where T : class => (T)Without(record, path.Split('.'));

    public static ImportDetail Detail(LoyaltyImport? import = null) => Detail(import ?? Import, Event);

    public static ImportDetail Detail(LoyaltyImport import, EventMetadata? announced) => new(
        Row(import), import, announced, MappingHealth.Judge(import),
        [Observation("3", "IMPORTED", 20), Observation("2", "PARSED", 10), Observation("1", "INITIATED", 0)], [],
        announced is null ? null : Delivery(DeliveryOutcome.Stored), CellFaults.Of(import));

    public static ImportRow Row(LoyaltyImport import)
    {
        var (status, report) = (ImportStatusWords.Parse(import.Status), MappingHealth.Judge(import));
        return new(
            1, import.Id, Site, status, status == ImportStatus.Unknown ? import.Status : null, import.Revision, import.CreatedDate, import.UpdatedDate, Time, Time.AddMinutes(3),
            import.FileMetadata?.Name, import.FileMetadata?.Size, null, null, import.ParseResult?.ParsedRowCount, import.ParseResult?.ParseErrorReason,
            import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, import.ImportResult?.ErrorFileExists, report.Verdict, report.Findings.Count == 0 ? null : report.Findings[0].Code, false, FollowView.None);
    }

    public static ImportRow Row(string id) => Row(Import with { Id = id });

    public static ObservationRecord Observation(string? revision, string? status, int minute, byte hash = 1) => new()
    {
        Revision = revision,
        Status = status,
        Updated = Time.AddMinutes(minute),
        ObservedAt = Time.AddMinutes(minute).AddSeconds(1),
        EntityHash = [hash, (byte)minute],
        Source = ObservationSource.Webhook,
    };

    public static DeliveryRecord Delivery(DeliveryOutcome outcome) => new() { RowId = 17, Outcome = outcome, ReceivedAt = Time, AnswerStatus = 200, AnswerMicroseconds = 3_400, BodyBytes = 2_900 };

    private static IEnumerable<string> Paths(Type record)
    {
        foreach (var property in record.GetProperties())
        {
            yield return property.Name;
            if (Record(property.PropertyType) is { } inner)
            {
                foreach (var path in Paths(inner))
                {
                    yield return $"{property.Name}.{path}";
                }
            }
        }
    }

    private static Type? Record(Type type)
    {
        var item = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;
        return item.Namespace == typeof(LoyaltyImport).Namespace ? item : null;
    }

    private static object Without(object record, string[] path)
    {
        if (record is IList items)
        {
            var copies = Array.CreateInstance(Record(record.GetType().GetInterfaces().Prepend(record.GetType()).First(i => Record(i) is not null))!, items.Count);
            for (var i = 0; i < items.Count; i++)
            {
                copies.SetValue(Without(items[i]!, path), i);
            }

            return copies;
        }

        var property = record.GetType().GetProperty(path[0])!;
        var copy = record.GetType().GetMethod("<Clone>$", BindingFlags.Instance | BindingFlags.Public)!.Invoke(record, null)!;
        property.SetValue(copy, path.Length == 1 ? null : Without(property.GetValue(record)!, path[1..]));
        return copy;
    }
}
