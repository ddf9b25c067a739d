using LoyaltyDashboard.Access;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace LoyaltyDashboard.Benchmarks.Queries;

/// <summary>The product's own reading of a database, as the program sets it up, with the clock at the newest import.</summary>
internal sealed class SeededQueries : IDisposable
{
    private readonly QuestionGate _gate = new();
    private readonly PooledDbContextFactory<DashboardDb> _databases;

    private SeededQueries(string path)
    {
        var connection = SqliteSetup.Resolve($"Data Source={path}", Repository.Root);
        _databases = new(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(connection.ConnectionString).AddInterceptors(new SqliteSetup(), _gate).Options);
        Imports = new ImportQueries(_databases, new TimeOfSeed());
    }

    /// <summary>The queries.</summary>
    public ImportQueries Imports { get; }

    /// <summary>The tiles, each time anew, as if no answer were shared.</summary>
    public Task AskTilesAsync(CancellationToken cancellation) => new ImportQueries(_databases, new TimeOfSeed()).TilesAsync(Reader.System, cancellation);

    /// <summary>The menu of sites likewise.</summary>
    public Task AskSitesAsync(CancellationToken cancellation) => new ImportQueries(_databases, new TimeOfSeed()).SitesAsync(Reader.System, cancellation);

    /// <summary>Over a seeded database, which is made if it is not there.</summary>
    public static async Task<SeededQueries> OpenAsync(int imports) => new(await SeededDatabase.GetAsync(imports));

    /// <summary>Over any database of this schema.</summary>
    public static SeededQueries Open(string path) => new(path);

    /// <summary>Brings the database to this version.</summary>
    public async Task MigrateAsync()
    {
        await using var database = await _databases.CreateDbContextAsync();
        await database.Database.MigrateAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private sealed class TimeOfSeed : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => SeededDatabase.Newest;
    }
}
