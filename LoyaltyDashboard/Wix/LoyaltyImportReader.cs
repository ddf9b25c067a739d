using System.Text.Json;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Wix;

/// <summary>The one reader of a LoyaltyImport, whoever sent it. The JavaScript SDK writes <c>_</c> before three names; where both stand, Wix's own wins.</summary>
internal static class LoyaltyImportReader
{
    // No file has so many columns and Wix sends no more than some sample rows; a body made to hold a million is kept as it came, and read as far as this.
    private const int MostElements = 10_000;

    /// <summary>Reads an import; a field that cannot be read is absent and noted in <paramref name="json"/>.</summary>
    /// <param name="entity">The object; one wrapped in <c>loyaltyImport</c> is unwrapped.</param>
    /// <param name="fallbackId">The id to use when the entity has none.</param>
    /// <param name="json">Collects what is unreadable.</param>
    /// <returns>The import; null when there is no id at all.</returns>
    public static LoyaltyImport? Read(JsonElement entity, string? fallbackId, TolerantJson json)
    {
        if (TolerantJson.Unwrap(TolerantJson.Property(entity, "loyaltyImport")) is { ValueKind: JsonValueKind.Object } wrapped)
        {
            entity = wrapped;
        }

        if ((ReadId(entity, "id", json) ?? fallbackId) is not { Length: > 0 } id)
        {
            return null;
        }

        return new LoyaltyImport
        {
            Id = id,
            AsyncImportJobId = json.String(entity, "asyncImportJobId", "asyncImportJobId"),
            Revision = json.String(entity, "revision", "revision"),
            CreatedDate = ReadTime(entity, "createdDate", json),
            UpdatedDate = ReadTime(entity, "updatedDate", json),
            Status = json.String(entity, "status", "status"),
            FileMetadata = ReadFile(json.Object(entity, "fileMetadata", "fileMetadata"), json),
            ParseResult = ReadParseResult(json.Object(entity, "parseResult", "parseResult"), json),
            ImportResult = ReadImportResult(json.Object(entity, "importResult", "importResult"), json),
        };
    }

    /// <summary>An id by either name; null if absent or empty.</summary>
    public static string? ReadId(JsonElement? parent, string path, TolerantJson json) =>
        json.String(parent, "id", path) is { Length: > 0 } id ? id : json.String(parent, "_id", path) is { Length: > 0 } renamed ? renamed : null;

    private static DateTimeOffset? ReadTime(JsonElement entity, string name, TolerantJson json) =>
        json.Time(entity, TolerantJson.Property(entity, name) is null ? "_" + name : name, name);

    private static FileMetadata? ReadFile(JsonElement? file, TolerantJson json) => file is null ? null : new FileMetadata
    {
        Size = json.Integer(file, "size", "fileMetadata.size"),
        Name = json.String(file, "name", "fileMetadata.name"),
        Url = json.String(file, "url", "fileMetadata.url"),
        Header = json.Object(file, "header", "fileMetadata.header") is { } header
            ? new FileHeader { Values = ReadTexts(json.Array(header, "values", "fileMetadata.header.values"), "fileMetadata.header.values", json) }
            : null,
        HeaderMappingInfo = json.Object(file, "headerMappingInfo", "fileMetadata.headerMappingInfo") is { } mapping
            ? new HeaderMappingInfo { HeaderMappings = ReadMappings(json.Array(mapping, "headerMappings", "fileMetadata.headerMappingInfo.headerMappings"), json) }
            : null,
        SampleDataRows = ReadRows(json.Array(file, "sampleDataRows", "fileMetadata.sampleDataRows"), json),
    };

    private static ParseResult? ReadParseResult(JsonElement? result, TolerantJson json) => result is null ? null : new ParseResult
    {
        ParsedRowCount = json.Integer(result, "parsedRowCount", "parseResult.parsedRowCount"),
        ParseErrorReason = json.String(result, "parseErrorReason", "parseResult.parseErrorReason"),
    };

    private static ImportResult? ReadImportResult(JsonElement? result, TolerantJson json) => result is null ? null : new ImportResult
    {
        ErrorFileExists = json.Boolean(result, "errorFileExists", "importResult.errorFileExists"),
        SuccessCount = json.Integer(result, "successCount", "importResult.successCount"),
        FailureCount = json.Integer(result, "failureCount", "importResult.failureCount"),
    };

    // A cell that is null or unreadable stays an empty cell, so that the columns to its right keep their numbers.
    private static List<string>? ReadTexts(JsonElement? values, string path, TolerantJson json) =>
        values?.EnumerateArray().Take(MostElements).Select((value, index) => json.String(value, $"{path}[{index}]") ?? string.Empty).ToList();

    private static List<ColumnMapping>? ReadMappings(JsonElement? mappings, TolerantJson json) =>
        mappings?.EnumerateArray().Take(MostElements).Select((mapping, index) =>
        {
            var path = $"fileMetadata.headerMappingInfo.headerMappings[{index}]";
            return mapping.ValueKind == JsonValueKind.Object
                ? new ColumnMapping { ColumnName = json.String(mapping, "columnName", path + ".columnName"), ColumnIndex = json.Integer(mapping, "columnIndex", path + ".columnIndex") }
                : json.NoteUnreadable<ColumnMapping>(path) ?? new ColumnMapping();
        }).ToList();

    private static List<SampleDataRow>? ReadRows(JsonElement? rows, TolerantJson json) =>
        rows?.EnumerateArray().Take(MostElements).Select((row, index) =>
        {
            var path = $"fileMetadata.sampleDataRows[{index}]";
            return row.ValueKind == JsonValueKind.Object
                ? new SampleDataRow { Values = ReadTexts(json.Array(row, "values", path + ".values"), path + ".values", json) }
                : json.NoteUnreadable<SampleDataRow>(path) ?? new SampleDataRow();
        }).ToList();
}
