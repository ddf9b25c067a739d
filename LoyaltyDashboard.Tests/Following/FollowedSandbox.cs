using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Following;

/// <summary>
/// The real program with the sandbox as Wix, over real HTTP, on a clock that a test moves. The follower's own loop is left out; <see cref="RunAsync"/> looks into the
/// schedule once a second as it does, so that a test decides when.
/// </summary>
public sealed class FollowedSandbox : IDisposable
{
    public const string Site = WixWebhook.Site;

    private readonly DashboardApp _app;
    private readonly ConcurrentDictionary<string, string> _names = new();

    public FollowedSandbox(FakeTimeProvider? time = null, string? databasePath = null, bool withSecret = true)
    {
        Time = time ?? new FollowedTime();
        var settings = new Dictionary<string, string?> { ["Sandbox:Enabled"] = "true", ["Sandbox:StartWith"] = "0", ["Sandbox:IntervalSeconds"] = "0", ["Sandbox:Seed"] = "7" };
        if (!withSecret)
        {
            settings["Wix:ApiBaseUrl"] = "https://nowhere.invalid";
        }

        _app = DashboardApp.Start(Time, "Development", settings, databasePath, services: services =>
        {
            foreach (var loop in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory?.Method.ReturnType is { } type && (type == typeof(Follower) || type == typeof(StuckWatch) || type == typeof(SandboxAnnouncer))).ToList())
            {
                services.Remove(loop);
            }
        });
    }

    public FakeTimeProvider Time { get; }

    public DashboardApp App => _app;

    public SandboxWorld World => _app.Services.GetRequiredService<SandboxWorld>();

    public SandboxFaults Faults => _app.Services.GetRequiredService<SandboxFaults>();

    public SandboxLog Log => _app.Services.GetRequiredService<SandboxLog>();

    public Follower Follower => _app.Services.GetRequiredService<Follower>();

    public RefreshNow Refresh => _app.Services.GetRequiredService<RefreshNow>();

    public IReadOnlyCollection<string> Warnings => _app.Warnings;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An import at Wix, created now or so long ago. Unless told otherwise it is read after 4 s, executed at 10 s and through at 20 s.</summary>
    public SandboxImport Create(string id, string site = Site, TimeSpan? ago = null, TimeSpan? toExecute = null, bool waitsForEver = false, int failures = 0, string? parseError = null, double slower = 1)
    {
        var born = SandboxLifeCycle.Create(Id(id), $"job-{id}", $"{id}.csv", 20_000, "/sites/x/y.csv", Time.GetUtcNow() - (ago ?? TimeSpan.Zero));
        IReadOnlyList<ColumnMapping> mapping = [new() { ColumnName = ColumnMapping.Email, ColumnIndex = 0 }, new() { ColumnName = ColumnMapping.Points, ColumnIndex = 1 }];
        var plan = new SandboxPlan(["email", "points"], mapping, [new SampleDataRow { Values = ["ann@example.com", "5"] }], 500, failures, parseError);
        var pace = new SandboxPace(TimeSpan.FromSeconds(1) * slower, TimeSpan.FromSeconds(3) * slower, waitsForEver ? null : (toExecute ?? TimeSpan.FromSeconds(6)) * slower, TimeSpan.FromSeconds(10) * slower);
        return World.Add(new SandboxImport("test", site, born, plan, pace));
    }

    /// <summary>The same, announced by a webhook.</summary>
    public async Task<SandboxImport> AnnounceAsync(string id, string site = Site, bool waitsForEver = false, int failures = 0, string? parseError = null)
    {
        var import = Create(id, site, waitsForEver: waitsForEver, failures: failures, parseError: parseError);
        await AnnounceAsync(import);
        return import;
    }

    public async Task AnnounceAsync(SandboxImport import)
    {
        using var answer = await _app.PostAsync(new WixWebhook
        {
            ImportId = import.Id,
            InstanceId = import.InstanceId,
            Event = theEvent => theEvent["eventTime"] = $"{Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}",
            Entity = entity => (entity["createdDate"], entity["updatedDate"]) = ($"{import.CreatedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}", $"{import.CreatedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}"),
        });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Lets time pass as the follower sees it: a look each second, with nothing between two looks where nothing is due.</summary>
    /// <param name="span">How much time.</param>
    /// <param name="aroundPass">Called before each look; what it returns is called after.</param>
    public async Task RunAsync(TimeSpan span, Func<Task<Action>>? aroundPass = null)
    {
        var end = Time.GetUtcNow() + span;
        while (true)
        {
            var after = aroundPass is null ? null : await aroundPass();
            Assert.True(await Follower.PassAsync(Stop));
            after?.Invoke();
            var next = await NextAsync();
            var now = Time.GetUtcNow();
            if (next is null || next > end)
            {
                Time.Advance(end - now);
                return;
            }

            Time.Advance(TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((next.Value - now).TotalSeconds))));
        }
    }

    public async Task<ImportDetail> FindAsync(string name) => (await _app.Imports.FindAsync(Reader.System, Id(name), Stop))!;

    /// <summary>Wix's id for a test's name of an import: it takes GUIDs alone.</summary>
    public string Id(string name)
    {
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)).ToString("D");
        _names[id] = name;
        return id;
    }

    // When the next site is due, from now on; null when nothing is planned.
    private async Task<DateTimeOffset?> NextAsync()
    {
        await using var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
        return await database.Sites.AsNoTracking().Where(s => s.NextAsk != null).Select(s => s.NotBefore > s.NextAsk ? s.NotBefore : s.NextAsk).MinAsync(Stop);
    }

    public async Task<SiteRecord> SiteAsync(string site = Site)
    {
        await using var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
        return await database.Sites.AsNoTracking().SingleAsync(s => s.InstanceId == site, Stop);
    }

    /// <summary>What was asked, as short words: <c>token</c>, <c>name</c>, <c>query</c>, or the test's name of an import.</summary>
    public IReadOnlyList<string> Asked(string site = Site) => [.. Log.Entries.Where(e => e.InstanceId == site).Select(Word)];

    public string Word(SandboxLogEntry entry) => entry.Path switch
    {
        "/oauth2/token" => "token",
        "/apps/v1/instance" => "name",
        var path when path.EndsWith("/query", StringComparison.Ordinal) => "query",
        _ => entry.What is { } id ? _names.GetValueOrDefault(id, id) : entry.Path,
    };

    public void Dispose() => ((IDisposable)_app).Dispose();
}

/// <summary>A clock that a test moves, on which the client's short pauses before it tries again pass at once: nothing else waits for less than five seconds but whole ticks of one second.</summary>
public sealed class FollowedTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
{
    private TimeSpan _jump;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _jump;

    // Time that passes is not the clock.
    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    /// <summary>Sets the clock; no time passes.</summary>
    public void Jump(TimeSpan by) => _jump += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(5) && dueTime != Follower.Tick ? TimeSpan.Zero : dueTime, period);
}
