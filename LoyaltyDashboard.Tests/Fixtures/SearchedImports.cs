using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A database whose imports have just the texts a test gives them, and the search index beside it, that follows only when it is told.</summary>
public sealed class SearchedImports : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly WriterConnection _writer;
    private readonly SqliteConnection _connection;
    private readonly QuestionGate _gate = new();

    private SearchedImports(TempDatabase database)
    {
        Database = database;
        _connection = SqliteSetup.Open(database.Connection.ConnectionString);
        _writer = new WriterConnection(database.Connection.ConnectionString);
    }

    public TempDatabase Database { get; }

    public Dictionary<long, string> Texts { get; } = [];

    public long IndexedTo => (long)Database.Scalar("SELECT IndexedTo FROM search_state")!;

    public ImportQueries Queries => new(Database.Contexts, new FakeTimeProvider(_now));

    public ImportStreams Streams => new(Database.Contexts, _gate, new FakeTimeProvider(_now));

    public static async Task<SearchedImports> CreateAsync(CancellationToken cancellation) => new(await TempDatabase.CreateAsync(cancellation));

    public bool Step() => _writer.Search.Step();

    public void CatchUp()
    {
        while (_writer.Search.Step())
        {
        }
    }

    public void Add(string text)
    {
        var rowId = Run("INSERT INTO imports (Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) VALUES (randomblob(16), 1, abs(random() % 20), 0, 0, 0, 1, x'00') RETURNING RowId", null);
        Texts[rowId] = Stored(TextFold.Fold(text));
        Run($"INSERT INTO import_texts (RowId, Folded) VALUES ({rowId}, @text)", Texts[rowId]);
    }

    public void Change(long rowId, string text)
    {
        Texts[rowId] = Stored(TextFold.Fold(text));
        Run($"UPDATE import_texts SET Folded = @text WHERE RowId = {rowId}", Texts[rowId]);
    }

    public void Remove(long rowId)
    {
        Texts.Remove(rowId);
        Run($"DELETE FROM import_texts WHERE RowId = {rowId}; DELETE FROM imports WHERE RowId = {rowId}", null);
    }

    /// <summary>The rows whose text has it, by plain comparing.</summary>
    public IEnumerable<long> Holding(string q) => Texts.Where(text => text.Value.Contains(Stored(TextFold.Fold(q)), StringComparison.Ordinal)).Select(text => text.Key).Order();

    /// <summary>The rows that the list finds.</summary>
    public async Task<IEnumerable<long>> FindAsync(string q, CancellationToken cancellation) =>
        (await Queries.PageAsync(Reader.System, new ImportFilter { Q = q, Sort = ImportSort.Status }, 1, 10_000, cancellation)).Rows.Select(row => row.RowId).Order();

    /// <summary>Throws if the index does not hold just what the texts say.</summary>
    public void CheckIndex() => Database.Execute("INSERT INTO import_search(import_search, rank) VALUES ('integrity-check', 1)");

    public void Dispose()
    {
        _writer.Dispose();
        _connection.Dispose();
        _gate.Dispose();
        Database.Dispose();
    }

    // Half a surrogate pair is no text that UTF-8 can say: on its way to the database, each becomes U+FFFD.
    private static string Stored(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private long Run(string sql, string? text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        if (text is not null)
        {
            command.Parameters.AddWithValue("@text", text);
        }

        return command.ExecuteScalar() as long? ?? 0;
    }
}
