using System.Collections.Concurrent;
using System.Security.Cryptography;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Tests.Processes;

/// <summary>The program as a process under load from many senders, which note what was answered 200, and a look into any database for just that.</summary>
public sealed class LoadedProcess : IAsyncDisposable
{
    private const int Senders = 16;

    private readonly RSA _key = RSA.Create(2048);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-load-");
    private readonly ConcurrentBag<WixWebhook> _answered = [];
    private readonly ConcurrentBag<int> _otherAnswers = [];
    private readonly CancellationTokenSource _enough = new();
    private List<Task> _senders = [];
    private DashboardProcess _process = null!;
    // One reference, so that no sender sees half of an old one.
    private volatile Goal _goal = new(int.MaxValue, new());

    public DashboardProcess Process => _process;

    public string DatabasePath => File("data/load.db");

    /// <summary>Answers other than 200.</summary>
    public IReadOnlyCollection<int> OtherAnswers => _otherAnswers;

    public static async Task<LoadedProcess> StartAsync()
    {
        var loaded = new LoadedProcess();
        loaded._process = await DashboardProcess.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "LoyaltyDashboard.dll"), loaded._directory.FullName,
            ("ConnectionStrings__Dashboard", $"Data Source={loaded.DatabasePath}"), ("Wix__PublicKeys__0", loaded._key.ExportSubjectPublicKeyInfoPem()));
        loaded._senders = [.. Enumerable.Range(0, Senders).Select(_ => Task.Run(loaded.SendAsync))];
        return loaded;
    }

    public string File(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>What was answered 200 before this call.</summary>
    public IReadOnlyCollection<WixWebhook> Answered() => [.. _answered];

    /// <summary>Returns when so many more were answered 200. Senders that end before are a fault of their own.</summary>
    public async Task AnswersAsync(int more)
    {
        var reached = new TaskCompletionSource();
        _goal = new(_answered.Count + more, reached);
        Assert.Same(reached.Task, await Task.WhenAny(reached.Task, Task.WhenAll(_senders)));
    }

    /// <summary>Waits until the senders have ended, which the end of the process makes them.</summary>
    public Task SendersAsync() => Task.WhenAll(_senders);

    /// <summary>Ends the senders, each after its answer.</summary>
    public async Task EndAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_senders);
    }

    /// <summary>Asserts that a database is whole and holds each of these events exactly once.</summary>
    public static async Task HoldsOnceAsync(string path, IReadOnlyCollection<WixWebhook> answered, CancellationToken cancellation)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await using var database = new DashboardDb(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(connection).Options);
        Assert.Equal(["ok"], await database.Database.SqlQueryRaw<string>("PRAGMA integrity_check").ToListAsync(cancellation));
        var events = (await database.Deliveries.Select(d => d.EventId!).ToListAsync(cancellation)).CountBy(id => id).ToDictionary();
        var imports = (await database.Imports.Select(i => i.Id).ToListAsync(cancellation)).ToHashSet();
        Assert.All(answered, webhook => Assert.True(events.GetValueOrDefault(webhook.EventId!) == 1 && imports.Contains(webhook.ImportId), $"{webhook.EventId} is there {events.GetValueOrDefault(webhook.EventId!)} times"));
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _process.DisposeAsync();
        await Task.WhenAll(_senders);
        _key.Dispose();
        _enough.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task SendAsync()
    {
        while (!_enough.IsCancellationRequested)
        {
            var webhook = new WixWebhook();
            try
            {
                using var answer = await _process.Client.PostAsync("/webhooks/wix", new StringContent(webhook.Sign(_key)), CancellationToken.None);
                if (!answer.IsSuccessStatusCode)
                {
                    _otherAnswers.Add((int)answer.StatusCode);
                    continue;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or ObjectDisposedException or TaskCanceledException)
            {
                return; // the process is gone
            }

            _answered.Add(webhook);
            var goal = _goal;
            if (_answered.Count >= goal.Count)
            {
                goal.Reached.TrySetResult();
            }
        }
    }

    private sealed record Goal(int Count, TaskCompletionSource Reached);
}
