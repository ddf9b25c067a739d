using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Http;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixApiRepeatsTests : IAsyncLifetime
{
    private const string Page = """{"loyaltyImports":[{"id":"i1"}]}""";

    private WixApiBench _bench = null!;

    private FakeWix Wix => _bench.Wix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bench = await WixApiBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    public static TheoryData<string, RequestDelegate> Moments => new()
    {
        { "502", Status(502) },
        { "503", Status(503) },
        { "504", Status(504) },
        { "broken off", FakeWix.BreakOffAsync },
        { "cut", CutAsync },
    };

    [Theory]
    [MemberData(nameof(Moments), DisableDiscoveryEnumeration = true)]
    public async Task What_a_moment_mends_is_repeated_with_its_body_and_counted(string name, RequestDelegate moment)
    {
        Wix.Answer(moment);
        Wix.Answer(moment);
        Wix.Answer(200, Page);
        var query = QueryAsync();
        await _bench.PassRepeatAsync();
        await _bench.PassRepeatAsync();

        Assert.Equal("i1", Assert.Single((await query).Imports).Import.Id);
        Assert.Equal(3, Wix.Calls.Count);
        Assert.All(Wix.Calls, call => Assert.Equal((Wix.Calls[0].Body, FakeWix.Token(1)), (call.Body, call.Authorization)));
        Assert.True(_bench.Budget.Used(WixApiBench.Site) == 4, $"{name}: the token's request and three attempts");
    }

    [Theory]
    [MemberData(nameof(Moments), DisableDiscoveryEnumeration = true)]
    public async Task What_is_not_mended_by_two_repeats_is_a_fault(string name, RequestDelegate moment)
    {
        Wix.Answer(moment);
        Wix.Answer(moment);
        Wix.Answer(moment);
        var query = WixApiBench.FaultOf(QueryAsync());
        await _bench.PassRepeatAsync();
        await _bench.PassRepeatAsync();
        var fault = await query;

        Assert.True(fault.Fault == WixApiFault.Unavailable, name);
        Assert.StartsWith("Query Loyalty Imports: ", fault.Message);
        Assert.Equal(3, Wix.Calls.Count);
    }

    [Fact]
    public async Task Short_wait_that_Wix_asks_for_is_kept()
    {
        Wix.Answer(503, "", ("Retry-After", "2"));
        Wix.Answer(200, Page);
        var query = QueryAsync();

        Assert.Equal(TimeSpan.FromSeconds(2), await _bench.Time.WaitBegunAsync(length => length < TimeSpan.FromSeconds(10)));
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single((await query).Imports);
    }

    [Fact]
    public async Task Address_where_nobody_listens_is_told()
    {
        var gone = await FakeWix.StartAsync();
        var address = gone.Address;
        await gone.DisposeAsync();
        await using var bench = await WixApiBench.StartAsync(address);

        var call = WixApiBench.FaultOf(bench.GetAsync());
        await bench.PassRepeatAsync();
        await bench.PassRepeatAsync();
        var fault = await call;

        Assert.Equal((WixApiFault.Unavailable, null, "Create Access Token: Wix could not be reached (ConnectionRefused)."), (fault.Fault, fault.StatusCode, fault.Message));
        Assert.Equal(3, bench.Budget.Used(WixApiBench.Site));
    }

    [Fact]
    public async Task Attempt_that_takes_ten_seconds_is_given_up_and_repeated()
    {
        Wix.Answer(FakeWix.NeverAsync);
        Wix.Answer(200, Page);
        var query = QueryAsync();
        await NextCallAsync();
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        await _bench.PassRepeatAsync();

        Assert.Single((await query).Imports);
    }

    [Fact]
    public async Task Call_that_takes_thirty_seconds_is_given_up()
    {
        Wix.Answer(FakeWix.NeverAsync);
        Wix.Answer(FakeWix.NeverAsync);
        Wix.Answer(FakeWix.NeverAsync);
        var begun = _bench.Time.GetUtcNow();
        var query = WixApiBench.FaultOf(QueryAsync());
        for (var repeat = 0; repeat < 2; repeat++)
        {
            await NextCallAsync();
            _bench.Time.Advance(TimeSpan.FromSeconds(10));
            await _bench.PassRepeatAsync();
        }

        await NextCallAsync();
        _bench.Time.Advance(begun + TimeSpan.FromSeconds(30) - _bench.Time.GetUtcNow());
        var fault = await query;

        Assert.Equal((WixApiFault.Unavailable, null, "Query Loyalty Imports: Wix did not answer in time."), (fault.Fault, fault.StatusCode, fault.Message));
        Assert.Equal(3, Wix.Calls.Count);
    }

    [Fact]
    public async Task Caller_can_give_up()
    {
        Wix.Answer(FakeWix.NeverAsync);
        using var leaves = new CancellationTokenSource();
        var query = _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), leaves.Token);
        await NextCallAsync();
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
        Assert.Single(Wix.Calls);
    }

    [Fact]
    public async Task Call_over_the_budget_waits_for_room_longer_than_any_time_limit()
    {
        Wix.Answer(200, Page);
        await QueryAsync();
        while (_bench.Budget.Used(WixApiBench.Site) < WixRequestBudget.PerMinute)
        {
            await _bench.Budget.EnterAsync(WixApiBench.Site, Cancellation);
        }

        Wix.Answer(200, Page);
        var waits = QueryAsync();
        await _bench.Time.WaitBegunAsync(length => length == TimeSpan.FromMinutes(1));
        _bench.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Single(Wix.Calls);

        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await waits).Imports);
    }

    [Fact]
    public async Task Repeat_over_the_budget_waits_too()
    {
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Wix.Answer(async context =>
        {
            await isAsked.Task;
            context.Response.StatusCode = 502;
        });
        var query = WixApiBench.FaultOf(QueryAsync());
        await NextCallAsync();
        while (_bench.Budget.Used(WixApiBench.Site) < WixRequestBudget.PerMinute)
        {
            await _bench.Budget.EnterAsync(WixApiBench.Site, Cancellation);
        }

        isAsked.SetResult();
        await _bench.PassRepeatAsync();
        await _bench.Time.WaitBegunAsync(length => length > TimeSpan.FromSeconds(50));
        _bench.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(WixApiFault.Unavailable, (await query).Fault);
        Assert.Single(Wix.Calls);
        Assert.Equal(WixRequestBudget.PerMinute, _bench.Budget.Used(WixApiBench.Site));
    }

    private static Task CutAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static RequestDelegate Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private Task<ApiImportPage> QueryAsync() => _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), Cancellation);

    private async Task NextCallAsync()
    {
        while ((await Wix.NextAsync(Cancellation)).Path == FakeWix.TokenPath)
        {
        }
    }
}
