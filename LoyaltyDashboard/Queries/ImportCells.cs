using System.Text;
using System.Text.Unicode;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>The columns of an export, in the order that scripts rely on.</summary>
public enum ImportColumn
{
    /// <summary>Wix's id.</summary>
    Id,

    /// <summary>The site's instance id.</summary>
    InstanceId,

    /// <summary>The site's name.</summary>
    Site,

    /// <summary>The status as Wix wrote it.</summary>
    Status,

    /// <summary>As sent.</summary>
    Revision,

    /// <summary>Created at Wix.</summary>
    CreatedDate,

    /// <summary>Changed at Wix.</summary>
    UpdatedDate,

    /// <summary>File name.</summary>
    FileName,

    /// <summary>Bytes.</summary>
    FileSize,

    /// <summary>Heading of the column mapped to EMAIL, or its index.</summary>
    EmailColumn,

    /// <summary>Heading of the column mapped to POINTS, or its index.</summary>
    PointsColumn,

    /// <summary>Rows in the file.</summary>
    ParsedRowCount,

    /// <summary>Why parsing failed.</summary>
    ParseErrorReason,

    /// <summary>Rows imported.</summary>
    SuccessCount,

    /// <summary>Rows failed.</summary>
    FailureCount,

    /// <summary>Whether Wix holds an error file.</summary>
    ErrorFileExists,

    /// <summary>The verdict's word.</summary>
    Mapping,
}

/// <summary>What a cell holds.</summary>
public enum CellKind : byte
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>Anybody's text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>A moment.</summary>
    Time,
}

/// <summary>One cell, looked at where it lies.</summary>
public readonly ref struct ImportCell
{
    internal ImportCell(CellKind kind, long number, ReadOnlySpan<byte> text)
    {
        (Kind, Number) = (kind, number);
        Text = text;
    }

    /// <summary>Which of the others is meant.</summary>
    public CellKind Kind { get; }

    /// <summary>The number.</summary>
    public long Number { get; }

    /// <summary>The flag.</summary>
    public bool Flag => Number != 0;

    /// <summary>The moment.</summary>
    public DateTimeOffset Time => UtcTicks.To(Number);

    /// <summary>The text: well-formed UTF-8.</summary>
    public ReadOnlySpan<byte> Text { get; }
}

/// <summary>Some rows of the list as cells: one object for them all, filled again and again. Cells are added row by row, in the order of <see cref="ImportColumn"/>.</summary>
public sealed class ImportCells
{
    /// <summary>Cells in a row.</summary>
    public const int Columns = (int)ImportColumn.Mapping + 1;

    private (CellKind Kind, int Length, long Value)[] _cells = new (CellKind, int, long)[64 * Columns];
    private byte[] _texts = new byte[16 * 1024];
    private int _count;

    /// <summary>Whole rows in it.</summary>
    public int Rows => _count / Columns;

    /// <summary>Bytes of all texts in it.</summary>
    public int TextBytes { get; private set; }

    /// <summary>A cell; good until the next <see cref="Clear"/>.</summary>
    public ImportCell this[int row, ImportColumn column]
    {
        get
        {
            var (kind, length, value) = _cells[(row * Columns) + (int)column];
            return kind == CellKind.Text ? new(kind, 0, _texts.AsSpan((int)value, length)) : new(kind, value, default);
        }
    }

    /// <summary>Empties it.</summary>
    public void Clear() => (_count, TextBytes) = (0, 0);

    /// <summary>Adds a cell with nothing in it.</summary>
    public void AddAbsent() => Add(CellKind.Absent, 0, 0);

    /// <summary>Adds a number.</summary>
    public void Add(long number) => Add(CellKind.Number, number, 0);

    /// <summary>Adds a flag.</summary>
    public void Add(bool flag) => Add(CellKind.Flag, flag ? 1 : 0, 0);

    /// <summary>Adds a moment.</summary>
    public void Add(DateTimeOffset time) => AddTime(UtcTicks.From(time));

    /// <summary>Adds a moment as it is stored.</summary>
    public void AddTime(long ticks) => Add(CellKind.Time, ticks, 0);

    /// <summary>Adds a text in UTF-8. What is ill-formed in it becomes U+FFFD.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        }

        if (_texts.Length - TextBytes < text.Length)
        {
            Array.Resize(ref _texts, Math.Max(_texts.Length * 2, TextBytes + text.Length));
        }

        text.CopyTo(_texts.AsSpan(TextBytes));
        Add(CellKind.Text, TextBytes, text.Length);
        TextBytes += text.Length;
    }

    private void Add(CellKind kind, long value, int length)
    {
        if (_count == _cells.Length)
        {
            Array.Resize(ref _cells, _cells.Length * 2);
        }

        _cells[_count++] = (kind, length, value);
    }
}
