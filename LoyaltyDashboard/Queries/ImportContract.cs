using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Queries;

/// <summary>The JSON that scripts read: the contract of <c>GET /api/imports</c> and of a JSON Lines export. Absent stays absent; times are RFC 3339 in UTC.</summary>
public static class ImportContract
{
    /// <summary>How it is written.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new UtcTimeConverter(), new JsonStringEnumConverter<MappingVerdict>(JsonNamingPolicy.CamelCase), new JsonStringEnumConverter<ObservationSource>(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>One import, whole.</summary>
    /// <param name="LoyaltyImport">The import, in Wix's names and nesting.</param>
    /// <param name="Event">The earliest announcing event; absent if only the API has seen it.</param>
    /// <param name="Site">Its site.</param>
    /// <param name="ArrivedAt">When we first heard of it.</param>
    /// <param name="Mapping">Verdict and reasons.</param>
    /// <param name="Observations">Every sighting, newest first.</param>
    public sealed record WholeImport(LoyaltyImport LoyaltyImport, EventMetadata? Event, SiteView? Site, DateTimeOffset ArrivedAt, MappingReport Mapping, IReadOnlyList<Observation> Observations);

    /// <summary>One sighting.</summary>
    public sealed record Observation(ObservationSource Source, string? Revision, string? Status, DateTimeOffset? UpdatedDate, DateTimeOffset ObservedAt);

    /// <summary>A page of the list.</summary>
    /// <param name="Items">The imports, without event, observations and sample rows.</param>
    /// <param name="Total">How many there are in all.</param>
    /// <param name="TotalIsExact">False: there are more than <paramref name="Total"/>.</param>
    /// <param name="Next">Cursor of the next page; null at the end.</param>
    public sealed record ImportList(IReadOnlyList<ImportItem> Items, int Total, bool TotalIsExact, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

    /// <summary>The contract of a detail.</summary>
    public static WholeImport Of(ImportDetail detail) => new(
        detail.LoyaltyImport, detail.Event, detail.Row.Site, detail.Row.Arrived, detail.Mapping,
        [.. detail.Observations.Select(o => new Observation(o.Source, o.Revision, o.Status, o.Updated, o.ObservedAt))]);
}
