using System.Text.Json;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// The sorts: a closed list, each with its column. Absent values last in both directions; ties by arrival, newest first, then by row.
/// </summary>
internal sealed record ImportSorting
{
    private static readonly Dictionary<ImportSort, ImportSorting> _all = new()
    {
        [ImportSort.Arrived] = new() { Column = "i.Arrived", Index = ListIndexes.Arrived, IsAlwaysPresent = true, Number = row => UtcTicks.From(row.Arrived) },
        [ImportSort.Created] = new() { Column = "i.Created", Index = ListIndexes.Created, Number = row => row.Created is { } created ? UtcTicks.From(created) : null },
        [ImportSort.Updated] = new() { Column = "i.Updated", Index = ListIndexes.Updated, IsOfSettled = true, Number = row => row.Updated is { } updated ? UtcTicks.From(updated) : null },
        [ImportSort.Status] = new() { Column = "i.Status", Index = ListIndexes.Status, IsAlwaysPresent = true, Number = row => (int)row.Status },
        // In the order of the names as they are, for everybody: an order of masked ones would need an index of its own. Whoever sees masked names learns from it which of two
        // comes first, and no letter of either: their cursors hold no name. docs/security.md says so.
        [ImportSort.File] = new() { Column = "i.FileName", Index = ListIndexes.FileName, IsOfSettled = true, Text = row => row.FileName },
        [ImportSort.Size] = new() { Column = "i.FileSize", Index = ListIndexes.FileSize, IsOfSettled = true, Number = row => row.FileSize },
        [ImportSort.Rows] = new() { Column = "i.ParsedRowCount", Index = ListIndexes.ParsedRowCount, IsOfSettled = true, IsOfPresentOnly = true, Number = row => row.ParsedRowCount },
        [ImportSort.Succeeded] = new() { Column = "i.SuccessCount", Index = ListIndexes.SuccessCount, IsOfSettled = true, IsOfPresentOnly = true, Number = row => row.SuccessCount },
        [ImportSort.Failed] = new() { Column = "i.FailureCount", Index = ListIndexes.FailureCount, IsOfSettled = true, IsOfPresentOnly = true, Number = row => row.FailureCount },
        [ImportSort.Site] = new() { Column = "s.FoldedName", Index = ListIndexes.Site, Text = row => row.Site?.Name is { } name ? SearchedText.Of(name) : null },
    };

    /// <summary>What is sorted by: a column of the import <c>i</c>, or of its site <c>s</c>.</summary>
    public required string Column { get; init; }

    /// <summary>The index that gives this order.</summary>
    public required string Index { get; init; }

    /// <summary>Whether the index leaves absent values out.</summary>
    public bool IsOfPresentOnly { get; private init; }

    /// <summary>Whether the index holds the imports that are settled, and no others.</summary>
    public bool IsOfSettled { get; private init; }

    /// <summary>Whether no value is ever absent.</summary>
    public bool IsAlwaysPresent { get; private init; }

    /// <summary>Whether its values are texts; otherwise they are numbers.</summary>
    public bool IsText => Text is not null;

    private Func<ImportRow, long?>? Number { get; init; }

    private Func<ImportRow, string?>? Text { get; init; }

    /// <summary>The sort of a filter.</summary>
    public static ImportSorting Of(ImportSort sort) => _all[sort];

    /// <summary>The whole order, for behind <c>ORDER BY</c>.</summary>
    /// <param name="isAscending">The direction.</param>
    /// <param name="isReversed">From its end to its beginning.</param>
    public string Order(bool isAscending, bool isReversed = false)
    {
        var (value, tie) = (isAscending != isReversed ? "ASC" : "DESC", isReversed ? "ASC" : "DESC");
        var arrival = $"i.Arrived {tie}, i.RowId {tie}";
        // Nothing before the arrival where that is what is sorted by: it stands in an index as it is.
        return this == Of(ImportSort.Arrived) && value == tie ? arrival
            : IsAlwaysPresent ? $"{Column} {value}, {arrival}"
            : $"{Column} IS NULL {(isReversed ? "DESC" : "ASC")}, {Column} {value}, {arrival}";
    }

    /// <summary>The place of a row.</summary>
    public Position PositionOf(ImportRow row) => new(Number?.Invoke(row), Text?.Invoke(row), UtcTicks.From(row.Arrived), row.RowId);

    /// <summary>Compares places as <see cref="Order"/> does: before zero, if the first comes first.</summary>
    /// <param name="isAscending">The direction.</param>
    public Comparison<Position> Comparison(bool isAscending) => (one, other) =>
    {
        var isAbsent = (one.Value is null).CompareTo(other.Value is null);
        var value = isAbsent != 0 || one.Value is null ? 0 : IsText ? CompareText(one.Text!, other.Text!) : Nullable.Compare(one.Number, other.Number);
        return isAbsent != 0 ? isAbsent
            : value != 0 ? (isAscending ? value : -value)
            : (other.Arrived, other.RowId).CompareTo((one.Arrived, one.RowId));
    };

    // As SQLite does, by the bytes of UTF-8: that is by code points, which is not by the units of UTF-16.
    private static int CompareText(string one, string other)
    {
        var (left, right) = (one.EnumerateRunes(), other.EnumerateRunes());
        while (true)
        {
            var (isLeft, isRight) = (left.MoveNext(), right.MoveNext());
            if (!isLeft || !isRight)
            {
                return isLeft.CompareTo(isRight);
            }

            if (left.Current.CompareTo(right.Current) is not 0 and var order)
            {
                return order;
            }
        }
    }

    /// <summary>A place in a sorted list: the sorted value, the arrival, the row.</summary>
    internal sealed record Position(long? Number, string? Text, long Arrived, long RowId)
    {
        /// <summary>The sorted value; null if it is absent.</summary>
        public object? Value => (object?)Number ?? Text;

        /// <summary>Whether the sorted value is to be read from the row: the cursor does not hold it.</summary>
        public bool IsValueInRow { get; private init; }

        /// <summary>Opaque text for <c>next</c>. It can be read by whoever wants to, so it holds no value that its reader may not see.</summary>
        public string ToCursor(ImportFilter filter, Reader reader)
        {
            var value = !reader.SeesClear && Text is not null && filter.Sort == ImportSort.File ? false : Value;
            return WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(new object?[] { ImportFilterQuery.ToWord(filter.Sort), filter.Ascending, value, Arrived, RowId }));
        }

        /// <summary>Reads what <see cref="ToCursor"/> wrote.</summary>
        /// <exception cref="FormatException">Not one of ours, or of another sort.</exception>
        public static Position FromCursor(string cursor, ImportFilter filter, Reader reader)
        {
            try
            {
                using var document = JsonDocument.Parse(WebEncoders.Base64UrlDecode(cursor));
                var parts = document.RootElement;
                if (parts.GetArrayLength() == 5 && parts[0].GetString() == ImportFilterQuery.ToWord(filter.Sort) && parts[1].GetBoolean() == filter.Ascending)
                {
                    var (sorting, isPresent) = (Of(filter.Sort), parts[2].ValueKind != JsonValueKind.Null);
                    if (sorting.IsText && parts[2].ValueKind == JsonValueKind.False)
                    {
                        return new(null, null, parts[3].GetInt64(), parts[4].GetInt64()) { IsValueInRow = true };
                    }

                    // Who may not see file names could guess at one from both sides, and read it letter by letter off what comes next.
                    if (!reader.SeesClear && filter.Sort == ImportSort.File && isPresent)
                    {
                        throw new FormatException("The cursor is of somebody who sees more.");
                    }

                    return sorting.IsAlwaysPresent && !isPresent
                        ? throw new FormatException("This sort has no absent values.")
                        : new(isPresent && sorting.Number is not null ? parts[2].GetInt64() : null, isPresent && sorting.Text is not null ? parts[2].GetString() : null, parts[3].GetInt64(), parts[4].GetInt64());
                }
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException or IndexOutOfRangeException)
            {
                throw new FormatException("The cursor is not one that this list gave.", exception);
            }

            throw new FormatException("The cursor belongs to another sort order.");
        }
    }
}
