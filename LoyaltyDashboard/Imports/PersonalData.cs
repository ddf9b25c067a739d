namespace LoyaltyDashboard.Imports;

/// <summary>What of an import names a person, and the import without it.</summary>
public static class PersonalData
{
    /// <summary>Stands where an address was.</summary>
    public const string Removed = "(removed)";

    /// <summary>The import without sample rows; and without headings where these look like a row, for a file without a heading row shows its first row as one.</summary>
    public static LoyaltyImport WithoutSamples(LoyaltyImport import) => !HasSamples(import)
        ? import
        : import with { FileMetadata = import.FileMetadata! with { SampleDataRows = null, Header = IsRow(import.FileMetadata.Header) ? null : import.FileMetadata.Header } };

    /// <summary>Rows that name persons: the samples, and a first row that stands for headings.</summary>
    public static int Rows(LoyaltyImport import) => (import.FileMetadata?.SampleDataRows?.Count ?? 0) + (IsRow(import.FileMetadata?.Header) ? 1 : 0);

    /// <summary>Whether <see cref="WithoutSamples(LoyaltyImport)"/> would take anything away.</summary>
    public static bool HasSamples(LoyaltyImport import) => import.FileMetadata is { } file && (file.SampleDataRows is { Count: > 0 } || IsRow(file.Header));

    /// <summary>The event without who caused it; that it was a member, a visitor or an app stays.</summary>
    public static EventMetadata WithoutIdentity(EventMetadata metadata)
    {
        if (metadata.Identity is not { } identity)
        {
            return metadata;
        }

        var type = identity.ValueKind == System.Text.Json.JsonValueKind.Object && identity.TryGetProperty("identityType", out var word) && word.ValueKind == System.Text.Json.JsonValueKind.String ? word.GetString() : null;
        var isType = type is not null && identity.EnumerateObject().Count() == 1;
        return isType ? metadata : metadata with { Identity = type is null ? null : System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["identityType"] = type }) };
    }

    /// <summary>The import without certain persons: rows that name one are gone, elsewhere other words stand for the address. The same object where none is named.</summary>
    /// <param name="import">The import.</param>
    /// <param name="isWanted">Whether an address, as it stands, is one of theirs.</param>
    public static LoyaltyImport WithoutPersons(LoyaltyImport import, Predicate<string> isWanted)
    {
        var isFound = false;
        var clean = import with
        {
            AsyncImportJobId = Text(import.AsyncImportJobId),
            Revision = Text(import.Revision),
            Status = Text(import.Status),
            FileMetadata = import.FileMetadata is not { } file ? null : file with
            {
                Name = Text(file.Name),
                Url = Text(file.Url),
                Header = Header(file.Header),
                HeaderMappingInfo = file.HeaderMappingInfo?.HeaderMappings is not { } mappings
                    ? file.HeaderMappingInfo
                    : file.HeaderMappingInfo with { HeaderMappings = [.. mappings.Select(mapping => mapping with { ColumnName = Text(mapping.ColumnName) })] },
                SampleDataRows = file.SampleDataRows is not { } rows ? null : [.. rows.Where(row => !IsTheirs(row))],
            },
            ParseResult = import.ParseResult is not { } parse ? null : parse with { ParseErrorReason = Text(parse.ParseErrorReason) },
        };
        return isFound ? clean : import;

        string? Text(string? text)
        {
            var without = text is null ? null : AddressFinder.Replace(text, Removed, isWanted);
            isFound |= without != text;
            return without;
        }

        // Where headings name a person they are that person's row, and what else is in it is theirs, too; judged like any row, so that nobody loses one for a name that ends alike.
        FileHeader? Header(FileHeader? header)
        {
            var isTheirs = header?.Values?.Any(heading => heading is not null && AddressFinder.Holds(heading, isCell: true, isWanted)) == true;
            isFound |= isTheirs;
            return isTheirs ? null : header;
        }

        bool IsTheirs(SampleDataRow row)
        {
            var isTheirs = row.Values?.Any(cell => cell is not null && AddressFinder.Holds(cell, isCell: true, isWanted)) == true;
            isFound |= isTheirs;
            return isTheirs;
        }
    }

    /// <summary>The event without certain persons. The same object where none is named.</summary>
    /// <inheritdoc cref="WithoutPersons(LoyaltyImport, Predicate{string})"/>
    public static EventMetadata WithoutPersons(EventMetadata metadata, Predicate<string> isWanted)
    {
        var isFound = false;
        var clean = metadata with
        {
            Id = Text(metadata.Id),
            EntityFqdn = Text(metadata.EntityFqdn),
            Slug = Text(metadata.Slug),
            EventType = Text(metadata.EventType),
            OriginatedFrom = Text(metadata.OriginatedFrom),
            EntityEventSequence = Text(metadata.EntityEventSequence),
            Identity = Element(metadata.Identity),
            AccountInfo = Element(metadata.AccountInfo),
        };
        return isFound ? clean : metadata;

        string? Text(string? text)
        {
            var without = text is null ? null : AddressFinder.Replace(text, Removed, isWanted);
            isFound |= without != text;
            return without;
        }

        System.Text.Json.JsonElement? Element(System.Text.Json.JsonElement? element)
        {
            var isTheirs = element is { } value && JsonTexts.Any(System.Text.Encoding.UTF8.GetBytes(value.GetRawText()), text => AddressFinder.Holds(text, isCell: false, isWanted));
            isFound |= isTheirs;
            return isTheirs ? null : element;
        }
    }

    /// <summary>Whether what stands for headings is a row of data, for the file has no heading row: an address is in one of them, or one is a plain number.</summary>
    public static bool IsRow(IReadOnlyList<string> headings) =>
        headings.Any(heading => heading is not null && (heading.Any(AddressFinder.IsAt) || heading.Contains("%40", StringComparison.Ordinal) || CellRules.LooksLikePoints(heading)));

    private static bool IsRow(FileHeader? header) => header?.Values is { } headings && IsRow(headings);
}
