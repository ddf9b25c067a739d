using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixRequestBudgetTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task One_more_than_the_limit_waits_until_the_oldest_is_a_minute_old()
    {
        var budget = new WixRequestBudget(_time);
        await EnterAsync(budget, "a", 1);
        _time.Advance(TimeSpan.FromSeconds(10));
        await EnterAsync(budget, "a", WixRequestBudget.PerMinute - 1);

        var waits = budget.EnterAsync("a", Cancellation);
        _time.Advance(TimeSpan.FromSeconds(50) - TimeSpan.FromTicks(1));
        Assert.Equal(WixRequestBudget.PerMinute, budget.Used("a"));
        Assert.False(waits.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await waits;
        Assert.Equal(WixRequestBudget.PerMinute, budget.Used("a"));
    }

    [Fact]
    public async Task Instances_have_budgets_of_their_own()
    {
        var budget = new WixRequestBudget(_time);
        await EnterAsync(budget, "a", WixRequestBudget.PerMinute);

        Assert.True(budget.EnterAsync("b", Cancellation).IsCompletedSuccessfully);
        Assert.Equal((WixRequestBudget.PerMinute, 1, 0), (budget.Used("a"), budget.Used("b"), budget.Used("c")));
    }

    [Fact]
    public async Task Who_gives_up_takes_no_room_and_lets_the_next_one_in()
    {
        var budget = new WixRequestBudget(_time);
        await EnterAsync(budget, "a", WixRequestBudget.PerMinute - 1);
        _time.Advance(TimeSpan.FromSeconds(30));
        await EnterAsync(budget, "a", 1);

        using var gone = new CancellationTokenSource();
        var leaves = Enumerable.Range(0, WixRequestBudget.PerMinute).Select(_ => budget.EnterAsync("a", gone.Token)).ToList();
        var stays = budget.EnterAsync("a", Cancellation);
        await gone.CancelAsync();
        foreach (var left in leaves)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        _time.Advance(TimeSpan.FromSeconds(30));
        await stays;
        Assert.Equal(2, budget.Used("a"));
    }

    [Fact]
    public async Task Who_has_given_up_already_is_not_counted()
    {
        var budget = new WixRequestBudget(_time);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => budget.EnterAsync("a", new CancellationToken(canceled: true)));
        Assert.Equal(0, budget.Used("a"));
    }

    [Fact]
    public async Task Instances_idle_for_a_minute_are_forgotten()
    {
        var budget = new WixRequestBudget(_time);
        for (var number = 0; number < 1_000; number++)
        {
            await budget.EnterAsync($"site {number}", Cancellation);
        }

        Assert.Equal(1_000, budget.InstanceCount);
        _time.Advance(_minute);
        await budget.EnterAsync("another", Cancellation);
        Assert.Equal(1, budget.InstanceCount);
    }

    [Fact]
    public void No_minute_holds_more_than_the_limit_nobody_overtakes_and_nobody_waits_beside_room()
    {
        var step = Gen.Choose(0, 150).SelectMany(arrivals => Gen.Choose(1, 20_000).SelectMany(pause => Gen.Choose(0, 30).Select(leavers => (Arrivals: arrivals, Pause: pause, Leavers: leavers))));
        Prop.ForAll(step.ArrayOf(25).ToArbitrary(), steps => new Run().Of(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task EnterAsync(WixRequestBudget budget, string instanceId, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await budget.EnterAsync(instanceId, Cancellation);
        }
    }

    /// <summary>One run on one thread: what is to go on goes on when the run says so.</summary>
    private sealed class Run : SynchronizationContext
    {
        private readonly FakeTimeProvider _time = new();
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
        private readonly List<(int Number, DateTimeOffset At)> _entered = [];
        private readonly Dictionary<int, CancellationTokenSource> _waiting = [];

        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (_posted)
            {
                _posted.Enqueue((d, state));
            }
        }

        public bool Of((int Arrivals, int Pause, int Leavers)[] steps)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                return Steps(steps);
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }

        private bool Steps((int Arrivals, int Pause, int Leavers)[] steps)
        {
            var budget = new WixRequestBudget(_time);
            var number = 0;
            foreach (var (arrivals, pause, leavers) in steps)
            {
                for (var arrival = 0; arrival < arrivals; arrival++)
                {
                    _ = EnterAsync(budget, number++);
                }

                Pump();
                foreach (var waiter in _waiting.Values.Take(leavers).ToList())
                {
                    waiter.Cancel();
                }

                Pump();
                _time.Advance(TimeSpan.FromMilliseconds(pause));
                Pump();

                var inLastMinute = _entered.Count(e => _time.GetUtcNow() - e.At < _minute);
                if (budget.Used("a") != inLastMinute || (_waiting.Count > 0 && inLastMinute < WixRequestBudget.PerMinute))
                {
                    return false;
                }
            }

            var isWithinLimit = _entered.Zip(_entered.Skip(WixRequestBudget.PerMinute)).All(pair => pair.Second.At - pair.First.At >= _minute);
            return isWithinLimit && _entered.Select(e => e.Number).SequenceEqual(_entered.Select(e => e.Number).Order());
        }

        private async Task EnterAsync(WixRequestBudget budget, int number)
        {
            var leaves = new CancellationTokenSource();
            _waiting.Add(number, leaves);
            try
            {
                await budget.EnterAsync("a", leaves.Token);
                _entered.Add((number, _time.GetUtcNow()));
            }
            catch (OperationCanceledException)
            {
            }
            finally
            {
                _waiting.Remove(number);
            }
        }

        private void Pump()
        {
            while (true)
            {
                (SendOrPostCallback Callback, object? State) next;
                lock (_posted)
                {
                    if (!_posted.TryDequeue(out next))
                    {
                        return;
                    }
                }

                next.Callback(next.State);
            }
        }
    }
}
