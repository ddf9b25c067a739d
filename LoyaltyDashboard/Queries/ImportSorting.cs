using System.Linq.Expressions;
using System.Text.Json;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// The sorts: a closed list, each with its column. Absent values last in both directions; ties by arrival, newest first, then by row.
/// </summary>
internal abstract class ImportSorting
{
    private static readonly Dictionary<ImportSort, ImportSorting> _all = new()
    {
        [ImportSort.Arrived] = new By<DateTimeOffset>(i => i.Arrived),
        [ImportSort.Created] = new By<DateTimeOffset>(i => i.Created),
        [ImportSort.Updated] = new By<DateTimeOffset>(i => i.Updated),
        [ImportSort.Status] = new By<int>(i => (int)i.Status),
        [ImportSort.File] = new ByText(i => i.FileName),
        [ImportSort.Size] = new By<long>(i => i.FileSize),
        [ImportSort.Rows] = new By<long>(i => i.ParsedRowCount),
        [ImportSort.Succeeded] = new By<long>(i => i.SuccessCount),
        [ImportSort.Failed] = new By<long>(i => i.FailureCount),
        [ImportSort.Site] = new ByText(i => i.Site!.FoldedName),
    };

    /// <summary>The sort of a filter.</summary>
    public static ImportSorting Of(ImportSort sort) => _all[sort];

    /// <summary>Puts rows in order.</summary>
    public abstract IQueryable<ImportRecord> Order(IQueryable<ImportRecord> imports, bool ascending);

    /// <summary>Only what comes after a position.</summary>
    public abstract IQueryable<ImportRecord> After(IQueryable<ImportRecord> imports, Position position, bool ascending);

    /// <summary>The id of the row just before a position; null at the beginning.</summary>
    public async Task<string?> LastBeforeAsync(IQueryable<ImportRecord> imports, Position position, bool ascending, CancellationToken cancellation)
    {
        var rowId = position.RowId;
        return await Reverse(NotAfter(imports, position, ascending).Where(i => i.RowId != rowId), ascending).Select(i => i.Id).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>The order from its end.</summary>
    protected abstract IQueryable<ImportRecord> Reverse(IQueryable<ImportRecord> imports, bool ascending);

    /// <summary>What comes before a position, and the position itself.</summary>
    protected abstract IQueryable<ImportRecord> NotAfter(IQueryable<ImportRecord> imports, Position position, bool ascending);

    /// <summary>The position of a row.</summary>
    public abstract Position PositionOf(ImportRow row);

    /// <summary>A place in a sorted list: the sorted value as JSON, the arrival, the row.</summary>
    internal sealed record Position(string? Value, long Arrived, long RowId)
    {
        /// <summary>Opaque text for <c>next</c>.</summary>
        public string ToCursor(ImportFilter filter) =>
            WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(new object?[] { ImportFilterQuery.ToWord(filter.Sort), filter.Ascending, Value, Arrived, RowId }));

        /// <summary>Reads what <see cref="ToCursor"/> wrote.</summary>
        /// <exception cref="FormatException">Not one of ours, or of another sort.</exception>
        public static Position FromCursor(string cursor, ImportFilter filter)
        {
            try
            {
                using var document = JsonDocument.Parse(WebEncoders.Base64UrlDecode(cursor));
                var parts = document.RootElement;
                if (parts.GetArrayLength() == 5 && parts[0].GetString() == ImportFilterQuery.ToWord(filter.Sort) && parts[1].GetBoolean() == filter.Ascending)
                {
                    var position = new Position(parts[2].GetString(), parts[3].GetInt64(), parts[4].GetInt64());
                    _ = UtcTicks.To(position.Arrived);
                    Of(filter.Sort).Check(position);
                    return position;
                }
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException or IndexOutOfRangeException)
            {
                throw new FormatException("The cursor is not one that this list gave.", exception);
            }

            throw new FormatException("The cursor belongs to another sort order.");
        }
    }

    /// <summary>Throws when the position's value is not of this sort's type.</summary>
    protected abstract void Check(Position position);

    private static IQueryable<ImportRecord> ThenByArrival(IOrderedQueryable<ImportRecord> ordered) => ordered.ThenByDescending(i => i.Arrived).ThenByDescending(i => i.RowId);

    private sealed class By<T>(Expression<Func<ImportRecord, T?>> column) : ImportSorting where T : struct
    {
        private readonly Func<ImportRow, T?> _ofRow = RowColumn(column);

        public override IQueryable<ImportRecord> Order(IQueryable<ImportRecord> imports, bool ascending)
        {
            if (IsArrival(column) && !ascending)
            {
                // Exactly an index: no sorting at all.
                return imports.OrderByDescending(i => i.Arrived).ThenByDescending(i => i.RowId);
            }

            var nullsLast = imports.OrderBy(Compose(column, value => Expression.Equal(value, Expression.Constant(null, typeof(T?)))));
            return ThenByArrival(ascending ? nullsLast.ThenBy(column) : nullsLast.ThenByDescending(column));
        }

        public override IQueryable<ImportRecord> After(IQueryable<ImportRecord> imports, Position position, bool ascending) => imports.Where(Beyond(position, ascending));

        protected override IQueryable<ImportRecord> NotAfter(IQueryable<ImportRecord> imports, Position position, bool ascending) => imports.Where(Not(Beyond(position, ascending)));

        protected override IQueryable<ImportRecord> Reverse(IQueryable<ImportRecord> imports, bool ascending) => ReverseBy(imports, column, ascending);

        private Expression<Func<ImportRecord, bool>> Beyond(Position position, bool ascending) =>
            AfterExpression(column, position.Value is null ? null : Read(position), position, ascending, (x, y, greater) => greater ? Expression.GreaterThan(x, y) : Expression.LessThan(x, y));

        public override Position PositionOf(ImportRow row) => new(_ofRow(row) is { } value ? JsonSerializer.Serialize(value) : null, UtcTicks.From(row.Arrived), row.RowId);

        protected override void Check(Position position) => _ = position.Value is null ? default : Read(position);

        private static T Read(Position position) => JsonSerializer.Deserialize<T>(position.Value!);
    }

    private sealed class ByText(Expression<Func<ImportRecord, string?>> column) : ImportSorting
    {
        private static readonly System.Reflection.MethodInfo _compare = typeof(string).GetMethod(nameof(string.Compare), [typeof(string), typeof(string)])!;
        private readonly Func<ImportRow, string?> _ofRow = RowColumn(column);

        public override IQueryable<ImportRecord> Order(IQueryable<ImportRecord> imports, bool ascending)
        {
            var nullsLast = imports.OrderBy(Compose(column, value => Expression.Equal(value, Expression.Constant(null, typeof(string)))));
            return ThenByArrival(ascending ? nullsLast.ThenBy(column) : nullsLast.ThenByDescending(column));
        }

        public override IQueryable<ImportRecord> After(IQueryable<ImportRecord> imports, Position position, bool ascending) => imports.Where(Beyond(position, ascending));

        protected override IQueryable<ImportRecord> NotAfter(IQueryable<ImportRecord> imports, Position position, bool ascending) => imports.Where(Not(Beyond(position, ascending)));

        protected override IQueryable<ImportRecord> Reverse(IQueryable<ImportRecord> imports, bool ascending) => ReverseBy(imports, column, ascending);

        private Expression<Func<ImportRecord, bool>> Beyond(Position position, bool ascending) => AfterExpression(column, position.Value, position, ascending, (x, y, greater) =>
            greater ? Expression.GreaterThan(Expression.Call(_compare, x, y), Expression.Constant(0)) : Expression.LessThan(Expression.Call(_compare, x, y), Expression.Constant(0)));

        public override Position PositionOf(ImportRow row) => new(_ofRow(row), UtcTicks.From(row.Arrived), row.RowId);

        protected override void Check(Position position)
        {
        }
    }

    private static Expression<Func<ImportRecord, bool>> Not(Expression<Func<ImportRecord, bool>> test) => Expression.Lambda<Func<ImportRecord, bool>>(Expression.Not(test.Body), test.Parameters);

    private static IQueryable<ImportRecord> ReverseBy<T>(IQueryable<ImportRecord> imports, Expression<Func<ImportRecord, T>> column, bool ascending)
    {
        var nullsFirst = imports.OrderByDescending(Compose(column, value => Expression.Equal(value, Expression.Constant(null, typeof(T)))));
        return (ascending ? nullsFirst.ThenByDescending(column) : nullsFirst.ThenBy(column)).ThenBy(i => i.Arrived).ThenBy(i => i.RowId);
    }

    private static bool IsArrival<T>(Expression<Func<ImportRecord, T>> column) => ColumnName(column) == nameof(ImportRecord.Arrived);

    private static string ColumnName<T>(Expression<Func<ImportRecord, T>> column)
    {
        var body = column.Body;
        while (true)
        {
            switch (body)
            {
                case UnaryExpression unary: body = unary.Operand; break;
                case BinaryExpression coalesce: body = coalesce.Left; break;
                default: return ((MemberExpression)body).Member.Name;
            }
        }
    }

    // The same value read from a row that was already loaded.
    private static Func<ImportRow, T> RowColumn<T>(Expression<Func<ImportRecord, T>> column) => ColumnName(column) switch
    {
        nameof(SiteRecord.FoldedName) => row => (T)(object?)(row.Site?.Name is { } name ? TextFold.Fold(name) : null)!,
        var name when typeof(ImportRow).GetProperty(name) is { } property => row => property.GetValue(row) is { } value ? (T)(value is Enum word ? Convert.ToInt32(word, System.Globalization.CultureInfo.InvariantCulture) : value) : default!,
        var name => throw new InvalidOperationException($"ImportRow has no {name}."),
    };

    private static Expression<Func<ImportRecord, bool>> Compose<T>(Expression<Func<ImportRecord, T>> column, Func<Expression, Expression> test) =>
        Expression.Lambda<Func<ImportRecord, bool>>(test(column.Body), column.Parameters);

    // value beyond the position's, or equal and arrived earlier, or equal, arrived together and an earlier row; absent values come after all others.
    private static Expression<Func<ImportRecord, bool>> AfterExpression<T>(
        Expression<Func<ImportRecord, T?>> column, object? value, Position position, bool ascending, Func<Expression, Expression, bool, Expression> compare)
    {
        var (arrived, rowId) = (UtcTicks.To(position.Arrived), position.RowId);
        Expression<Func<ImportRecord, bool>> isLaterTie = i => i.Arrived < arrived || (i.Arrived == arrived && i.RowId < rowId);
        var parameter = column.Parameters[0];
        var tie = new Replace(isLaterTie.Parameters[0], parameter).Visit(isLaterTie.Body)!;
        var isNull = Expression.Equal(column.Body, Expression.Constant(null, column.Body.Type));
        Expression body;
        if (value is null)
        {
            body = Expression.AndAlso(isNull, tie);
        }
        else
        {
            // A captured value becomes a parameter of the query, so that its plan is cached.
            var holder = Expression.Property(Expression.Constant(Holder.Of(column.Body.Type, value)), "Value");
            body = Expression.OrElse(compare(column.Body, holder, ascending), Expression.OrElse(Expression.AndAlso(Expression.Equal(column.Body, holder), tie), isNull));
        }

        return Expression.Lambda<Func<ImportRecord, bool>>(body, parameter);
    }

    private static class Holder
    {
        public static object Of(Type type, object value)
        {
            var holder = Activator.CreateInstance(typeof(Holder<>).MakeGenericType(type))!;
            holder.GetType().GetProperty("Value")!.SetValue(holder, value);
            return holder;
        }
    }

    private sealed class Holder<T>
    {
        public T Value { get; set; } = default!;
    }

    private sealed class Replace(Expression from, Expression to) : ExpressionVisitor
    {
        public override Expression? Visit(Expression? node) => node == from ? to : base.Visit(node);
    }
}
