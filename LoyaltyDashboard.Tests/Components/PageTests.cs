using System.Text;
using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Retention;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Components;

/// <summary>A renderer for what reads the database: real queries and the real writer on a file of its own, and the real feeds, which never rest.</summary>
public abstract class PageTests : ComponentTests
{
    private static readonly Lazy<byte[]> _emptyDatabase = new(MakeEmptyDatabase);
    private static readonly SqliteSetup _pragmas = new();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");
    private readonly SqliteConnectionStringBuilder _connection;

    protected PageTests()
    {
        _connection = SqliteSetup.Resolve($"Data Source={DatabasePath}", _directory.FullName);
        File.WriteAllBytes(DatabasePath, _emptyDatabase.Value);
        Services.AddSingleton(_connection);
        Services.AddDbContextFactory<DashboardDb>(options => options.UseSqlite(_connection.ConnectionString).AddInterceptors(_pragmas));
        Services.AddSingleton<ImportQueries>().AddSingleton<DeliveryQueries>().AddSingleton<SiteQueries>();
        Services.AddSingleton<AccessDirectory>().AddSingleton(TestAudit.Of(_connection));
        Services.AddSingleton(Feed).AddSingleton(DeliveryFeed).AddSingleton(Tickets);
        Services.AddSingleton<IngestQueue>().AddSingleton<DecodeAgain>().AddSingleton<ImportWriter>();
        Services.AddSingleton<KeyDirectory>().AddSingleton<PersonalHash>().AddSingleton<Forgotten>();
        Services.AddSingleton<StoredData>().AddSingleton<PieceWriter>().AddSingleton<RemovalGate>().AddSingleton<DeleteImports>();
        Services.AddSingleton(new ErrorFiles((_, _, _) => throw new NotSupportedException(), (_, _) => throw new NotSupportedException(), canOpen: false));
        Services.AddSingleton<FollowPlan>().AddSingleton<SiteQuestions>().AddSingleton<SiteRound>().AddSingleton<RefreshNow>();
        Services.AddOptions<SandboxOptions>();
        Services.AddOptions<DashboardOptions>();
        Services.AddOptions<WixOptions>().Configure(options => options.PublicKeys.Add("a key"));
    }

    protected ImportFeed Feed { get; } = new(new NoRest(), NullLogger<ImportFeed>.Instance);

    protected DeliveryFeed DeliveryFeed { get; } = new(new NoRest(), NullLogger<DeliveryFeed>.Instance);

    protected DownloadTickets Tickets { get; } = new();

    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    private string DatabasePath => Path.Combine(_directory.FullName, "test.db");

    /// <summary>Stores imports as webhooks would bring them, a minute apart, the last one now.</summary>
    protected void Store(params LoyaltyImport[] imports)
    {
        for (var i = 0; i < imports.Length; i++)
        {
            var (import, at) = (imports[i], Clock.GetUtcNow() - TimeSpan.FromMinutes(imports.Length - 1 - i));
            Store(Delivery($"event of {import.Id} at {import.Revision}", at) with
            {
                Observation = new() { Import = import, Source = ObservationSource.Webhook, ObservedAt = at, InstanceId = Sample.Site.InstanceId, Event = Sample.Event with { Id = import.Id } },
            });
        }
    }

    /// <summary>Stores deliveries as the writer does.</summary>
    protected void Store(params IngestItem[] items)
    {
        using var session = new WriterSession(_connection.ConnectionString);
        using var transaction = session.Begin();
        foreach (var item in items)
        {
            session.Apply(item, []);
        }

        transaction.Commit();
    }

    protected void Store(RejectedDelivery rejected)
    {
        using var session = new WriterSession(_connection.ConnectionString);
        using var transaction = session.Begin();
        session.NoteRejected(rejected);
        transaction.Commit();
    }

    /// <summary>Stores an import and tells the pages.</summary>
    protected void Arrive(LoyaltyImport import)
    {
        Store(import);
        Feed.Publish([new(import.Id, Sample.Site.InstanceId)]);
    }

    /// <summary>Changes what no door and no answer could, as time and the follower would.</summary>
    protected void Execute(string sql)
    {
        using var connection = SqliteSetup.Open(_connection.ConnectionString);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Lets the writer run, for what asks Wix and stores the answer.</summary>
    protected async Task<ImportWriter> StartWriterAsync()
    {
        var writer = Services.GetRequiredService<ImportWriter>();
        await writer.StartAsync(Stop);
        return writer;
    }

    protected Delivery Delivery(string eventId, DateTimeOffset? at = null) => new()
    {
        Door = DeliveryDoor.Wix,
        ReceivedAt = at ?? Clock.GetUtcNow(),
        BodyBytes = 2_900,
        Body = """{"data":"{\"inner\":1}"}"""u8.ToArray(),
        DedupeKey = Encoding.UTF8.GetBytes(eventId),
        ContentHash = [1],
        EventId = eventId,
        EventType = "wix.loyalty.imports.v1.loyalty_import_created",
        InstanceId = Sample.Site.InstanceId,
        OutcomeWithoutImport = DeliveryOutcome.Quarantined,
        Cause = "There is no import in it.",
    };

    /// <summary>Makes the database unreadable; disposing the answer brings it back.</summary>
    protected IDisposable BreakDatabase()
    {
        var kept = Path.Combine(_directory.FullName, "kept.db");
        SqliteConnection.ClearPool(new SqliteConnection(_connection.ConnectionString));
        File.Move(DatabasePath, kept);
        File.WriteAllText(DatabasePath, new string('x', 10_000));
        return new Mend(() =>
        {
            SqliteConnection.ClearPool(new SqliteConnection(_connection.ConnectionString));
            File.Move(kept, DatabasePath, overwrite: true);
        });
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        SqliteConnection.ClearPool(new SqliteConnection(_connection.ConnectionString));
        _directory.Delete(recursive: true);
    }

    private static byte[] MakeEmptyDatabase()
    {
        var path = Path.GetTempFileName();
        using (var database = new DashboardDb(new DbContextOptionsBuilder<DashboardDb>().UseSqlite($"Data Source={path};Pooling=False").Options))
        {
            database.Database.Migrate();
        }

        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private sealed class Mend(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    /// <summary>A clock whose waits are over at once, so that no test waits between two signals of a feed.</summary>
    private sealed class NoRest : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
