using System.Collections.Concurrent;
using System.Threading.Channels;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Wix;

/// <summary>The client as the program registers it, with the stand-in for Wix, a clock that stands still and every line that is logged.</summary>
public sealed class WixApiBench : IAsyncDisposable
{
    public const string Site = "8d1a3f0e-0000-4000-8000-000000000001";
    public const string Secret = "hush-app-secret";

    private readonly WebApplication _app;
    private readonly AllLines _lines = new();

    private WixApiBench(FakeWix wix, string address, bool canFollow)
    {
        Wix = wix;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Wix:ApiBaseUrl"] = address,
            ["Wix:AppId"] = canFollow ? "the-app" : null,
            ["Wix:AppSecret"] = canFollow ? Secret : null,
            ["Wix:PublicKeys:0"] = PublicKey(),
        });
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_lines);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.AddWix();
        _app = builder.Build();
    }

    public FakeWix Wix { get; }

    public StandingClock Time { get; } = new();

    public WixApi Api => _app.Services.GetRequiredService<WixApi>();

    public WixRequestBudget Budget => _app.Services.GetRequiredService<WixRequestBudget>();

    /// <summary>Every line of every logger, exceptions too.</summary>
    public string Log => string.Join('\n', _lines.All);

    public static async Task<WixApiBench> StartAsync(string? address = null, bool canFollow = true)
    {
        var wix = await FakeWix.StartAsync();
        return new WixApiBench(wix, address ?? wix.Address, canFollow);
    }

    public Task<ApiImport> GetAsync(string id = "i1", string site = Site) => Api.GetImportAsync(site, id, Cancellation);

    /// <summary>The fault of a call that must fail.</summary>
    public static Task<WixApiException> FaultOf(Task call) => Assert.ThrowsAsync<WixApiException>(() => call);

    /// <summary>The fault of asking for one import, when that is answered so.</summary>
    public Task<WixApiException> FaultOfGet(int status, string body, params (string Name, string Value)[] headers)
    {
        Wix.Answer(status, body, headers);
        return FaultOf(GetAsync());
    }

    /// <summary>Waits until the client waits to repeat, and lets that time pass.</summary>
    public async Task PassRepeatAsync() => Time.Advance(await Time.WaitBegunAsync(length => length < TimeSpan.FromSeconds(10)));

    public async ValueTask DisposeAsync()
    {
        // The pipeline waits on its clock for requests that are just ending.
        var end = _app.DisposeAsync().AsTask();
        while (!end.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await end;
        await Wix.DisposeAsync();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string PublicKey()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        return rsa.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>A clock that stands still until it is advanced, and tells of the waits that begin on it.</summary>
    public sealed class StandingClock() : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        /// <summary>The length of the next such wait that no earlier call has told of, once it has begun.</summary>
        public async Task<TimeSpan> WaitBegunAsync(Predicate<TimeSpan> isIt)
        {
            while (true)
            {
                var length = await _waits.Reader.ReadAsync(Cancellation);
                if (length >= TimeSpan.Zero && isIt(length))
                {
                    return length;
                }
            }
        }
    }

    private sealed class AllLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            All.Enqueue(state.ToString() ?? string.Empty);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
