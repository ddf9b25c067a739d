using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Retention;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Retention;

/// <summary>A writer that keeps what may be kept, on a database and a clock of its own, and all that takes away.</summary>
public sealed class Removals : IAsyncDisposable
{
    private Removals(TempDatabase database)
    {
        Database = database;
        Time.SetUtcNow(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var keys = new KeyDirectory(database.Connection);
        Hashes = new PersonalHash(keys);
        Forgotten = new Forgotten(database.Connection, Hashes);
        Audit = new AuditLog(database.Connection, new AuditChain(keys), Hashes, Time, NullLogger<AuditLog>.Instance);
        Imports = new ImportFeed(Time, NullLogger<ImportFeed>.Instance);
        (Queue, Writer) = NewWriter();
        var (stored, pieces, gate) = (new StoredData(database.Connection), new PieceWriter(Queue, TimeProvider.System), new RemovalGate());
        Stored = stored;
        Forget = new ForgetPerson(stored, pieces, gate, Forgotten, Hashes, new AccessDirectory(database.Connection, Time), Audit, Time, NullLogger<ForgetPerson>.Instance);
        Delete = new DeleteImports(database.Contexts, stored, pieces, gate, Audit, Time);
        Job = new RetentionJob(stored, pieces, gate, Forget, Audit, Microsoft.Extensions.Options.Options.Create(Options), Time, JobLog);
    }

    public static Reader Administrator { get; } = new("user:1", Role.Administrator, null, false);

    public TempDatabase Database { get; }

    public WatchedTime Time { get; } = new();

    public RetentionOptions Options { get; } = new();

    public PersonalHash Hashes { get; }

    public Forgotten Forgotten { get; }

    public AuditLog Audit { get; }

    public ImportFeed Imports { get; }

    public IngestQueue Queue { get; }

    public ImportWriter Writer { get; }

    public StoredData Stored { get; }

    public ForgetPerson Forget { get; }

    public DeleteImports Delete { get; }

    public RetentionJob Job { get; }

    public LogLines<RetentionJob> JobLog { get; } = new();

    public ImportQueries Queries => new(Database.Contexts, Time);

    public DecodeAgain Again => new(Database.Contexts, Queue, Audit);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts the writer.</summary>
    public static async Task<Removals> StartAsync()
    {
        var removals = new Removals(await TempDatabase.CreateAsync(Stop));
        await removals.Writer.StartAsync(Stop);
        return removals;
    }

    public Task<IngestResult> WriteAsync(IngestItem item) => Queue.EnqueueAsync(item, Stop);

    /// <summary>An answer of Wix's API.</summary>
    public Task<IngestResult> AnswerAsync(params LoyaltyImport[] imports) => WriteAsync(new SiteAnswer
    {
        InstanceId = WixWebhook.Site,
        At = Time.GetUtcNow(),
        Link = SiteLink.Connected,
        Observations = [.. imports.Select(import => new ImportObservation { Import = import, Source = ObservationSource.Api, ObservedAt = Time.GetUtcNow(), InstanceId = WixWebhook.Site })],
    });

    public async Task<ImportDetail> FindAsync(string id) => (await Queries.FindAsync(Reader.System, id, Stop))!;

    public long Count(string what) => (long)Database.Scalar($"SELECT count(*) FROM {what}")!;

    /// <summary>The searched text follows, as it does while nobody waits.</summary>
    public async Task CatchUpSearchAsync()
    {
        SearchStep step;
        do
        {
            step = new SearchStep();
            await WriteAsync(step);
        }
        while (step.IsMore);
    }

    /// <summary>Lines of the audit log, oldest first.</summary>
    public async Task<List<string>> AuditedAsync() =>
        [.. (await new AuditQueries(Database.Contexts).PageAsync(Reader.System, new(), null, 100, Stop)).Reverse().Select(line => $"{line.Actor} {line.Action} {line.Subject} {line.Detail}")];

    /// <summary>Every byte of the data directory, and every document and body in it as it reads.</summary>
    public IReadOnlyList<(string Where, string Text)> AllBytes()
    {
        var all = new List<(string, string)>();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Database.Connection.DataSource)!, "*", SearchOption.AllDirectories))
        {
            using var content = new MemoryStream();
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                stream.CopyTo(content);
            }

            all.Add((file, System.Text.Encoding.Latin1.GetString(content.ToArray())));
        }

        using var connection = new SqliteConnection(Database.Connection.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT 'document ' || RowId, Json FROM import_documents UNION ALL SELECT 'event ' || RowId, EventJson FROM import_documents WHERE EventJson IS NOT NULL UNION ALL SELECT 'body ' || RowId, Body FROM delivery_bodies";
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            all.Add((rows.GetString(0), System.Text.Encoding.Latin1.GetString(PackedJson.Unpack((byte[])rows.GetValue(1)))));
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.StopAsync(CancellationToken.None);
        Writer.Dispose();
        Job.Dispose();
        Database.Dispose();
    }

    private (IngestQueue Queue, ImportWriter Writer) NewWriter()
    {
        var queue = new IngestQueue(Time, new Keeping(Forgotten, Microsoft.Extensions.Options.Options.Create(Options), Time));
        return (queue, new ImportWriter(queue, Database.Connection, Imports, new DeliveryFeed(Time, NullLogger<DeliveryFeed>.Instance), Time, NullLogger<ImportWriter>.Instance));
    }
}
