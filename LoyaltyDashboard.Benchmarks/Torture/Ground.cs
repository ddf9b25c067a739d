using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>What every fault needs: a folder of its own, signed events, the published dashboard on loopback, and senders that note what was answered.</summary>
internal sealed class Ground : IAsyncDisposable
{
    /// <summary>Wix hangs up after that.</summary>
    public const double LongestMilliseconds = 1_250;

    private readonly TempFolder _folder = new();
    private readonly SignedEvents _events = new();
    private ServerProcess? _dashboard;
    private int _next;

    private Ground()
    {
    }

    /// <summary>Distinct events, ready to be sent.</summary>
    public IReadOnlyList<SignedEvent> Events { get; private set; } = [];

    /// <summary>What was answered 200 through this.</summary>
    public Answered Answered { get; } = new();

    /// <summary>The dashboard, once started.</summary>
    public ServerProcess Dashboard => _dashboard ?? throw new InvalidOperationException("The dashboard does not run.");

    /// <summary>Its database.</summary>
    public string DatabasePath { get; set; } = "";

    /// <summary>The key that the events are signed with.</summary>
    public string PublicKeyPem => _events.PublicKeyPem;

    /// <summary>The door.</summary>
    public Uri Door => new(Dashboard.Address, "/webhooks/wix");

    /// <summary>Signs so many events.</summary>
    /// <param name="events">How many.</param>
    /// <param name="announce">Makes an event of its number and time; an invented one unless given.</param>
    public static Ground Prepare(int events, Func<int, DateTimeOffset, SandboxEvent>? announce = null)
    {
        var ground = new Ground();
        ground.Events = ground._events.Sign(events, announce: announce);
        ground.DatabasePath = ground.File("data.db");
        return ground;
    }

    /// <summary>Signs more, with tokens that end at a time of one's own.</summary>
    /// <param name="count">How many.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="ends">When the tokens are no longer valid.</param>
    public IReadOnlyList<SignedEvent> Sign(int count, int first, DateTimeOffset ends) => _events.Sign(count, first, ends - TimeSpan.FromSeconds(WebhookSigner.LifetimeSeconds));

    /// <summary>A file in the run's own folder.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>Starts the dashboard on the database as it is.</summary>
    public async Task StartAsync(params IEnumerable<(string Key, string Value)> settings) => _dashboard = await PublishedDashboard.StartAsync(DatabasePath, PublicKeyPem, settings);

    /// <summary>The next event that was not handed out yet; from the first again after the last.</summary>
    public SignedEvent Next() => Events[NextIndex()];

    /// <summary>Sends events one after another on each connection, from the first again after the last, until it is told to stop or the dashboard is gone.</summary>
    /// <param name="connections">Requests under way at once.</param>
    /// <param name="stop">Ends it; what is under way is answered first.</param>
    /// <param name="each">Told of every answer: its event, its status (0 when none came) and its milliseconds.</param>
    public Task FloodAsync(int connections, CancellationToken stop, Action<SignedEvent, int, double>? each = null)
    {
        var requests = Events.Select(e => Wire.Request(Door, e.Body)).ToList();
        return Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var wire = new Wire(Door);
            while (!stop.IsCancellationRequested)
            {
                var index = NextIndex();
                var (status, milliseconds) = await wire.SendAsync(requests[index]);
                if (status == 200)
                {
                    Answered.Note(Events[index]);
                }

                each?.Invoke(Events[index], status, milliseconds);
                if (status == 0 && Dashboard.HasExited)
                {
                    return;
                }
            }
        })));
    }

    /// <summary>Sends events again, as Wix does, until each was answered 200.</summary>
    /// <returns>How many still are not.</returns>
    public async Task<int> RetryAsync(IEnumerable<SignedEvent> events, int rounds = 5)
    {
        var left = events.Where(e => !Answered.Has(e)).Distinct().ToList();
        for (var round = 0; round < rounds && left.Count > 0; round++)
        {
            var result = await LoadGenerator.RunAsync(Door, [.. left.Select(e => e.Body)], 32);
            for (var i = 0; i < left.Count; i++)
            {
                if (result.ByRequest[i].Status == 200)
                {
                    Answered.Note(left[i]);
                }
            }

            left = [.. left.Where(e => !Answered.Has(e))];
        }

        return left.Count;
    }

    /// <summary>The status of a page of the dashboard's own; 0 when it does not answer.</summary>
    public async Task<int> StatusAsync(string path)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) }.WithKey();
        try
        {
            using var answer = await client.GetAsync(new Uri(Dashboard.Address, path));
            return (int)answer.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }

    /// <summary>Megabytes of memory that the dashboard holds now.</summary>
    public double Megabytes => Dashboard.ResidentBytes / (1024.0 * 1024);

    /// <summary>Runs a command of the program on the database.</summary>
    public static async Task<string> CommandAsync(params string[] arguments)
    {
        var folder = await PublishedDashboard.PublishAsync();
        return await ShellCommand.RunAsync("dotnet", [Path.Combine(folder, "LoyaltyDashboard.dll"), .. arguments], folder);
    }

    /// <summary>Ends the dashboard without a warning, if it still runs.</summary>
    public async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _dashboard, null) is { } dashboard)
        {
            await dashboard.DisposeAsync();
        }
    }

    private int NextIndex() => (int)((uint)Interlocked.Increment(ref _next) % (uint)Events.Count);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _events.Dispose();
        _folder.Dispose();
    }
}
