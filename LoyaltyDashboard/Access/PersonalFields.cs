using System.Text;
using System.Text.Json;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>
/// The one list of what is personal, and what each is shown as to who may not see it. <c>Queries</c> asks here before anything leaves; nobody else masks.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>fileMetadata.sampleDataRows</c>: every cell, by <see cref="Mask.Cell"/>.</item>
/// <item><c>fileMetadata.header</c>, where one heading is an address or a plain number: then the file has no heading row, and the first line is a row of data like any other.</item>
/// <item><c>fileMetadata.url</c>, where it is more than a path: whoever has the link has the file. It is left out.</item>
/// <item><c>event.identity</c>: all but the kind of identity.</item>
/// <item>Bodies of deliveries: not shown at all.</item>
/// <item>Rows of an error file: every cell; a reason keeps its words, not what it quotes.</item>
/// <item>Addresses in any text that Wix, a site or a file's owner chose: file name, headings, words of statuses and fields, revisions, reasons, messages, names and addresses of sites.</item>
/// </list>
/// Ids of imports, jobs, events, sites and accounts are no personal data, and neither are counts, sizes and times: they stay as Wix sent them.
/// </remarks>
public static class PersonalFields
{
    private const string IdentityType = "identityType";
    private const int LongestName = 40;

    /// <summary>The import.</summary>
    public static LoyaltyImport Masked(LoyaltyImport import) => import with
    {
        Revision = Mask.Text(import.Revision),
        Status = Mask.Text(import.Status),
        FileMetadata = import.FileMetadata is { } file ? Masked(file) : null,
        ParseResult = import.ParseResult is { } parsed ? parsed with { ParseErrorReason = Mask.Text(parsed.ParseErrorReason) } : null,
    };

    /// <summary>The event.</summary>
    public static EventMetadata Masked(EventMetadata announced) => announced with
    {
        EntityFqdn = Mask.Text(announced.EntityFqdn),
        Slug = Mask.Text(announced.Slug),
        EventType = Mask.Text(announced.EventType),
        OriginatedFrom = Mask.Text(announced.OriginatedFrom),
        EntityEventSequence = Mask.Text(announced.EntityEventSequence),
        Identity = announced.Identity is { } identity ? MaskedIdentity(identity) : null,
        AccountInfo = announced.AccountInfo is { } account ? WithoutAddresses(account) : null,
    };

    /// <summary>A sighting in the history.</summary>
    public static ObservationRecord Masked(ObservationRecord observation)
    {
        // Read for this one question and tracked by nobody.
        observation.Status = Mask.Text(observation.Status);
        observation.Revision = Mask.Text(observation.Revision);
        observation.EntityEventSequence = Mask.Text(observation.EntityEventSequence);
        return observation;
    }

    /// <summary>A line of what came to the doors.</summary>
    public static DeliveryRecord Masked(DeliveryRecord delivery)
    {
        delivery.Cause = Mask.Text(delivery.Cause);
        delivery.EventType = Mask.Text(delivery.EventType);
        if (delivery.Import is { } import)
        {
            import.FileName = Mask.Text(import.FileName);
            import.StatusWord = Mask.Text(import.StatusWord);
            import.Revision = Mask.Text(import.Revision);
            import.EntityEventSequence = Mask.Text(import.EntityEventSequence);
            import.ParseErrorReason = Mask.Text(import.ParseErrorReason);
            import.StuckReason = Mask.Text(import.StuckReason);
            (import.EmailColumn, import.PointsColumn) = MaskedColumns(import.EmailColumn, import.PointsColumn);
            if (import.Site is { } site)
            {
                site.Name = Mask.Text(site.Name);
                site.FoldedName = Mask.Text(site.FoldedName);
                site.Url = Mask.Text(site.Url);
                site.LinkReason = Mask.Text(site.LinkReason);
                site.LastOddAnswer = Mask.Text(site.LastOddAnswer);
            }
        }

        return delivery;
    }

    /// <summary>The headings of the two columns that matter, as far as these two tell whether they are headings at all.</summary>
    public static (string? Email, string? Points) MaskedColumns(string? email, string? points) =>
        Mask.Text(email) != email || Mask.Text(points) != points ? (email is null ? null : Mask.Cell(email), points is null ? null : Mask.Cell(points, isPoints: true)) : (Mask.Text(email), Mask.Text(points));

    /// <summary>What a row of an error file gives as its reason: Wix's words, without addresses and without what stands in quotes, which may be a cell.</summary>
    public static string MaskedReason(string reason)
    {
        var text = Mask.Text(reason);
        var masked = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            masked.Append(text[i]);
            if (Opens(text, i) is not { } closing)
            {
                continue;
            }

            // One that is never closed quotes all the rest.
            var end = i + 1;
            while (end < text.Length && !(closing.Contains(text[end]) && (end + 1 == text.Length || !char.IsLetterOrDigit(text[end + 1]))))
            {
                end++;
            }

            masked.Append(Mask.Cell(text[(i + 1)..end]));
            if (end < text.Length)
            {
                masked.Append(text[end]);
            }

            i = end;
        }

        return masked.ToString();
    }

    // The signs that close what begins here; null where nothing does. Right behind a letter, a single sign is an apostrophe, and a double one that none follows is inches.
    private static string? Opens(string text, int at) => at > 0 && char.IsLetterOrDigit(text[at - 1]) && (text[at] != '"' || text.IndexOf('"', at + 1) < 0) ? null : text[at] switch
    {
        '"' => "\"",
        '“' or '„' or '”' => "”“\"",
        '‘' or '‚' or '’' => "’‘'",
        '\'' => "'’",
        '`' => "`'",
        '«' or '»' => "»«",
        '‹' or '›' => "›‹",
        _ => null,
    };

    private static FileMetadata Masked(FileMetadata file)
    {
        var points = file.HeaderMappingInfo?.HeaderMappings?.Where(mapping => mapping.ColumnName == ColumnMapping.Points).Select(mapping => mapping.ColumnIndex).ToHashSet() ?? [];
        var areData = file.Header?.Values is { } headings && PersonalData.IsRow(headings);
        return file with
        {
            Name = Mask.Text(file.Name),
            Url = file.Url is { } url && IsPath(url) ? Mask.Text(url) : null,
            Header = file.Header is { Values: { } values } header ? header with { Values = areData ? Cells(values) : [.. values.Select(value => Mask.Text(value))] } : file.Header,
            HeaderMappingInfo = file.HeaderMappingInfo is { HeaderMappings: { } mappings } info ? info with { HeaderMappings = [.. mappings.Select(mapping => mapping with { ColumnName = Mask.Text(mapping.ColumnName) })] } : file.HeaderMappingInfo,
            SampleDataRows = file.SampleDataRows?.Select(row => row with { Values = row.Values is { } cells ? Cells(cells) : null }).ToList(),
        };

        List<string> Cells(IReadOnlyList<string> cells) => [.. cells.Select((cell, column) => Mask.Cell(cell, points.Contains(column)))];
    }

    // As Wix documents it: a path at its media host, which opens nothing by itself.
    private static bool IsPath(string url) => !url.StartsWith("//", StringComparison.Ordinal) && url.AsSpan().IndexOfAny(":?#\\") < 0;

    private static JsonElement MaskedIdentity(JsonElement identity)
    {
        if (identity.ValueKind != JsonValueKind.Object)
        {
            return identity.ValueKind == JsonValueKind.Null ? identity : JsonSerializer.SerializeToElement(Mask.Hidden);
        }

        var masked = new Dictionary<string, string?>();
        foreach (var property in identity.EnumerateObject())
        {
            var isKind = property.Name == IdentityType && property.Value.ValueKind == JsonValueKind.String && IsName(property.Value.GetString()!);
            masked[IsName(property.Name) ? property.Name : Mask.Hidden] = isKind ? property.Value.GetString() : property.Value.ValueKind == JsonValueKind.Null ? null : Mask.Hidden;
        }

        return JsonSerializer.SerializeToElement(masked);
    }

    // Wix's own words are such; a datum in their place mostly is not.
    private static bool IsName(string text) => text.Length is > 0 and <= LongestName && text.All(letter => char.IsAsciiLetter(letter) || letter == '_');

    private static JsonElement WithoutAddresses(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => JsonSerializer.SerializeToElement(Mask.Text(element.GetString())),
        JsonValueKind.Array => JsonSerializer.SerializeToElement(element.EnumerateArray().Select(WithoutAddresses).ToList()),
        JsonValueKind.Object => JsonSerializer.SerializeToElement(element.EnumerateObject().GroupBy(property => Mask.Text(property.Name)).ToDictionary(group => group.Key, group => WithoutAddresses(group.Last().Value))),
        _ => element,
    };
}
