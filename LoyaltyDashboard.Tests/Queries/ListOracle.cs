using System.Text;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>What the list must show, from the words of the contract alone: no database, no code of the product but the filter's values.</summary>
internal static class ListOracle
{
    private static readonly string[] _words = ["UNKNOWN", "INITIATED", "PARSING", "PARSED", "IMPORTING", "IMPORTED", "FAILED"];

    /// <summary>Ids of the imports that the filter lists, in its order. <paramref name="all"/> is in the order of arrival.</summary>
    public static List<string> Ids(IReadOnlyList<GivenImport> all, ImportFilter filter, DateTimeOffset now)
    {
        var listed = all.Select((import, row) => (Import: import, Row: row, Key: SortKey(import, filter.Sort))).Where(i => IsListed(i.Import, filter, now)).ToList();
        listed.Sort((x, y) =>
        {
            var order = (x.Key, y.Key) switch
            {
                (null, null) => 0,
                (null, _) => 1,
                (_, null) => -1,
                _ => Compare(x.Key, y.Key) * (filter.Ascending ? 1 : -1),
            };
            order = order != 0 ? order : y.Import.Arrived.CompareTo(x.Import.Arrived);
            return order != 0 ? order : y.Row.CompareTo(x.Row);
        });
        return [.. listed.Select(i => i.Import.Id)];
    }

    /// <summary>The number of the seven words, 0 for any other and for none.</summary>
    public static int Status(GivenImport import) => Math.Max(0, Array.IndexOf(_words, import.Status));

    private static bool IsListed(GivenImport import, ImportFilter filter, DateTimeOffset now) =>
        (filter.Q is null || SearchedTexts(import).Any(text => text is not null && Contains(text, filter.Q)))
        && (filter.Statuses.Count == 0 || filter.Statuses.Any(s => (int)s == Status(import)))
        && (filter.Results.Count == 0 || filter.Results.Any(r => HasResult(import, r)))
        && (filter.Sites.Count == 0 || filter.Sites.Any(s => s == import.InstanceId))
        && (filter.From is null || import.Arrived >= Moment(filter.From.Text, now))
        && (filter.To is null || import.Arrived < Moment(filter.To.Text, now))
        && (filter.Verdicts.Count == 0 || filter.Verdicts.Contains(Verdict(import)));

    private static IEnumerable<string?> SearchedTexts(GivenImport import) =>
        [import.FileName, ManyImports.SiteName(import), import.Id, import.EventId, import.JobId, import.InstanceId, import.ErrorReason, .. import.Header ?? []];

    private static bool Contains(string text, string part) =>
        text.Normalize(NormalizationForm.FormKC).Contains(part.Normalize(NormalizationForm.FormKC), StringComparison.OrdinalIgnoreCase);

    private static bool HasResult(GivenImport import, ResultFilter result) => result switch
    {
        ResultFilter.Clean => import is { Status: "IMPORTED", Failed: null or 0 },
        ResultFilter.WithFailures => import.Failed > 0,
        _ => import.ErrorFile == true,
    };

    private static MappingVerdict Verdict(GivenImport import) =>
        import.Mapping is null ? MappingVerdict.Unknown : import.Mapping.Count == 1 ? MappingVerdict.Broken : import.Samples!.Count == 2 ? MappingVerdict.Suspicious : MappingVerdict.Healthy;

    private static DateTimeOffset Moment(string text, DateTimeOffset now) => text[0] != '-' ? DateTimeOffset.Parse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal)
        : text[^1] == 'h' ? now.AddHours(-int.Parse(text[1..^1])) : now.AddDays(-int.Parse(text[1..^1]));

    private static object? SortKey(GivenImport import, ImportSort sort) => sort switch
    {
        ImportSort.Arrived => import.Arrived,
        ImportSort.Created => import.Created,
        ImportSort.Updated => import.Updated,
        ImportSort.Status => Status(import),
        ImportSort.File => import.FileName,
        ImportSort.Size => import.FileSize,
        ImportSort.Rows => import.Rows,
        ImportSort.Succeeded => import.Succeeded,
        ImportSort.Failed => import.Failed,
        _ => ManyImports.SiteName(import)?.ToLowerInvariant(),
    };

    // Text by code points, whatever the machine's language.
    private static int Compare(object x, object y) => x is string text
        ? Encoding.UTF8.GetBytes(text).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes((string)y))
        : Comparer<object>.Default.Compare(x, y);
}
