using System.Globalization;
using System.Text;
using LoyaltyDashboard.Imports;
using Microsoft.AspNetCore.WebUtilities;

namespace LoyaltyDashboard.Queries;

/// <summary>A filter read from a query string, with what was not understood.</summary>
/// <param name="Filter">The filter, with defaults where a value was not understood.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="PageSize">Rows a page, 1 to 500.</param>
/// <param name="Cursor">The cursor, unchecked; null for none.</param>
/// <param name="Faults">One entry per name or value that was not understood: name, and a sentence with the mend.</param>
public sealed record ParsedFilter(ImportFilter Filter, int Page, int PageSize, string? Cursor, IReadOnlyList<KeyValuePair<string, string>> Faults);

/// <summary>The query string of an <see cref="ImportFilter"/>, both ways.</summary>
public static class ImportFilterQuery
{
    /// <summary>Rows a page unless asked otherwise.</summary>
    public const int DefaultPageSize = 50;

    /// <summary>Rows a page at most.</summary>
    public const int LargestPageSize = 500;

    private const int LongestText = 200;
    private const int MostValues = 100;
    private const int LastPage = 1_000_000;

    private static readonly string[] _names = ["q", "status", "result", "site", "from", "to", "mapping", "sort", "dir", "page", "pageSize", "cursor"];
    private static readonly (string Word, ResultFilter Value)[] _results = [("clean", ResultFilter.Clean), ("with-failures", ResultFilter.WithFailures), ("error-file", ResultFilter.ErrorFile)];

    /// <summary>Reads a query string (with or without the leading question mark). Never throws.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="alsoKnown">Names that mean something to the caller, such as <c>format</c>.</param>
    public static ParsedFilter Parse(string? query, params ReadOnlySpan<string> alsoKnown)
    {
        var reader = new Reader();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            var value = pair.DecodeValue().ToString();
            // A form sends its empty fields too; an unknown name is a mistake with or without a value.
            var isEmptyField = value.Length == 0 && (name.Length == 0 || _names.Contains(name));
            if (!isEmptyField && !alsoKnown.Contains(name))
            {
                reader.Read(name, WellFormed(value));
            }
        }

        return reader.Done();
    }

    /// <summary>Writes a query string with what differs from the default, in a fixed order; empty for the default, else with the leading question mark.</summary>
    public static string Write(ImportFilter filter, int page = 1, int pageSize = DefaultPageSize)
    {
        var query = new StringBuilder();
        Add("q", filter.Q);
        foreach (var status in filter.Statuses)
        {
            Add("status", status.ToWord());
        }

        foreach (var result in filter.Results)
        {
            Add("result", ToWord(result));
        }

        foreach (var site in filter.Sites)
        {
            Add("site", site);
        }

        Add("from", filter.From?.Text);
        Add("to", filter.To?.Text);
        foreach (var verdict in filter.Verdicts)
        {
            Add("mapping", ToWord(verdict));
        }

        Add("sort", filter.Sort == ImportSort.Arrived ? null : ToWord(filter.Sort));
        Add("dir", filter.Ascending ? "asc" : null);
        Add("page", page <= 1 ? null : page.ToString(CultureInfo.InvariantCulture));
        Add("pageSize", pageSize == DefaultPageSize ? null : pageSize.ToString(CultureInfo.InvariantCulture));
        return query.ToString();

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }

    /// <summary>The word of a result in a query string.</summary>
    public static string ToWord(ResultFilter result) => _results.First(r => r.Value == result).Word;

    /// <summary>The word of a verdict.</summary>
    public static string ToWord(MappingVerdict verdict) => verdict.ToString().ToLowerInvariant();

    /// <summary>The word of a sort.</summary>
    public static string ToWord(ImportSort sort) => sort.ToString().ToLowerInvariant();

    /// <summary>Reads an instant, a date, or a span before now.</summary>
    public static TimeBound? ReadTime(string text)
    {
        if (text.Length is > 2 and < 9 && text[0] == '-' && int.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return text[^1] switch
            {
                'm' => new(null, TimeSpan.FromMinutes(count), text),
                'h' => new(null, TimeSpan.FromHours(count), text),
                'd' => new(null, TimeSpan.FromDays(count), text),
                _ => null,
            };
        }

        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? new(instant, null, text)
            : null;
    }

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private sealed class Reader
    {
        private readonly List<KeyValuePair<string, string>> _faults = [];
        private readonly List<ImportStatus> _statuses = [];
        private readonly List<ResultFilter> _resultFilters = [];
        private readonly List<string> _sites = [];
        private readonly List<MappingVerdict> _verdicts = [];
        private ImportFilter _filter = ImportFilter.Default;
        private int _page = 1;
        private int _pageSize = DefaultPageSize;
        private string? _cursor;

        public void Read(string name, string value)
        {
            switch (name)
            {
                case "q" when value.Length <= LongestText: _filter = _filter with { Q = value }; break;
                case "q": Fault(name, $"is longer than {LongestText} characters"); break;
                case "status": Add(_statuses, name, ImportStatusWords.All.Contains(value.ToUpperInvariant()) ? ImportStatusWords.Parse(value.ToUpperInvariant()) : null, ImportStatusWords.All); break;
                case "result": Add(_resultFilters, name, _results.Where(r => r.Word == value).Select(r => (ResultFilter?)r.Value).FirstOrDefault(), _results.Select(r => r.Word)); break;
                case "site" when _sites.Count >= MostValues: Fault(name, $"is given more than {MostValues} times"); break;
                case "site": AddOnce(_sites, value); break;
                case "mapping": Add(_verdicts, name, ReadWord<MappingVerdict>(value), Words<MappingVerdict>()); break;
                case "from": _filter = _filter with { From = ReadBound(name, value) }; break;
                case "to": _filter = _filter with { To = ReadBound(name, value) }; break;
                case "sort" when ReadWord<ImportSort>(value) is { } sort: _filter = _filter with { Sort = sort }; break;
                case "sort": Fault(name, $"must be one of {string.Join(", ", Words<ImportSort>())}"); break;
                case "dir" when value is "asc" or "desc": _filter = _filter with { Ascending = value == "asc" }; break;
                case "dir": Fault(name, "must be asc or desc"); break;
                case "page": _page = ReadNumber(name, value, LastPage) ?? _page; break;
                case "pageSize": _pageSize = ReadNumber(name, value, LargestPageSize) ?? _pageSize; break;
                case "cursor": _cursor = value; break;
                default: Fault(WellFormed(name.Length <= 40 ? name : name[..40]), $"is no known name; known are {string.Join(", ", _names[..^1])} and {_names[^1]}"); break;
            }
        }

        public ParsedFilter Done() => new(
            _filter with { Statuses = new(_statuses), Results = new(_resultFilters), Sites = new(_sites), Verdicts = new(_verdicts) },
            _page, _pageSize, _cursor, _faults);

        private static IEnumerable<string> Words<T>() where T : struct, Enum => Enum.GetNames<T>().Select(word => word.ToLowerInvariant());

        private static T? ReadWord<T>(string value) where T : struct, Enum => Words<T>().Contains(value) ? Enum.Parse<T>(value, ignoreCase: true) : null;

        private static void AddOnce<T>(List<T> list, T value)
        {
            if (!list.Contains(value))
            {
                list.Add(value);
            }
        }

        private void Add<T>(List<T> list, string name, T? value, IEnumerable<string> words) where T : struct
        {
            if (value is { } known)
            {
                AddOnce(list, known);
            }
            else
            {
                Fault(name, $"must be one of {string.Join(", ", words)}");
            }
        }

        private TimeBound? ReadBound(string name, string value)
        {
            var bound = ReadTime(value);
            if (bound is null)
            {
                Fault(name, "must be an instant (2026-11-24T08:30:00Z), a date (2026-11-24) or a span before now (-24h, -7d)");
            }

            return bound;
        }

        private int? ReadNumber(string name, string value, int most)
        {
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
            {
                return number;
            }

            Fault(name, $"must be a whole number from 1 to {most}");
            return null;
        }

        private void Fault(string name, string sentence)
        {
            if (_faults.Count < 20 && !_faults.Any(f => f.Key == name))
            {
                _faults.Add(new(name, sentence));
            }
        }
    }
}
