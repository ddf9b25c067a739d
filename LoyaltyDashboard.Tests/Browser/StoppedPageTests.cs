using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>A page that stands still in the middle of its script, as a frozen browser's do: it reads nothing and says nothing.</summary>
public sealed class StoppedPageTests(Chromium chromium) : BrowserTest(chromium)
{
    // A page shows that it lives 15 s after it last did, once it hears the server do so, and has 30 s. Here it has 5, so both do it without delay.
    private const string PingOften = "(() => { const after = window.setTimeout; window.setTimeout = (call, ms, ...rest) => after(call, ms > 5000 && ms <= 15000 ? 200 : ms, ...rest); })()";

    private static readonly TimeSpan _longestSilence = TimeSpan.FromSeconds(5);

    private readonly Lost _lost = new();

    // The page that was stopped says that it lost its connection.
    protected override bool IsExpected(string line) => true;

    protected override DashboardApp StartApp() => DashboardApp.Start(services: services => services
        .AddSingleton<CircuitHandler>(_lost)
        .Configure<HubOptions>(hub => (hub.ClientTimeoutInterval, hub.KeepAliveInterval) = (_longestSilence, _longestSilence / 20)));

    [Fact]
    public async Task Page_that_stops_reading_is_dropped_and_another_goes_on()
    {
        var (other, stopped) = (await OpenAsync(scriptBefore: PingOften), await OpenAsync(scriptBefore: PingOften));
        var debugger = await stopped.Context.NewCDPSessionAsync(stopped);
        await debugger.SendAsync("Debugger.enable");
        await debugger.SendAsync("Debugger.pause");

        await _lost.FirstAsync(Stop);

        await PostAsync(new WixWebhook { FileName = "meanwhile.csv" });
        await Expect(new ImportsPageObject(other).Row("meanwhile.csv")).ToBeVisibleAsync();
        Assert.Equal(1, _lost.Count);
        await debugger.SendAsync("Debugger.disable");
    }

    private sealed class Lost : CircuitHandler
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Task FirstAsync(CancellationToken cancellation) => _first.Task.WaitAsync(cancellation);

        public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            _first.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
