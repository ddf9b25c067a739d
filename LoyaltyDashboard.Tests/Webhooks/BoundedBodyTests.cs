using System.IO.Pipelines;
using LoyaltyDashboard.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

public sealed class BoundedBodyTests
{
    private const int Limit = 100;

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _client = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Limit)]
    public async Task Body_up_to_the_limit_is_read_whole(int length)
    {
        await SendAsync(length);
        await _client.Writer.CompleteAsync();

        var (verdict, body) = await new BoundedBody(_time).ReadAsync(Request(), Limit);

        Assert.Equal((BodyVerdict.Whole, length), (verdict, body.Length));
    }

    [Fact]
    public async Task Body_over_the_limit_ends_the_read_though_more_would_come()
    {
        await SendAsync(Limit + 1);

        Assert.Equal(BodyVerdict.TooLarge, (await new BoundedBody(_time).ReadAsync(Request(), Limit)).Verdict);
    }

    [Fact]
    public async Task Body_that_says_it_is_over_the_limit_is_not_read_at_all()
    {
        var request = Request();
        request.ContentLength = Limit + 1;

        Assert.Equal(BodyVerdict.TooLarge, (await new BoundedBody(_time).ReadAsync(request, Limit)).Verdict);
    }

    [Fact]
    public async Task Body_that_does_not_come_in_time_is_given_up()
    {
        await SendAsync(5);
        var read = new BoundedBody(_time).ReadAsync(Request(), Limit).AsTask();

        _time.Advance(BoundedBody.LongestRead);

        Assert.Equal(BodyVerdict.TooSlow, (await read).Verdict);
    }

    [Fact]
    public async Task Bodies_under_way_share_one_limit_and_give_their_part_back()
    {
        var bodies = new BoundedBody(_time, mostBytesTogether: Limit, bytesOfAnyBody: 0);
        await SendAsync(60);
        var held = bodies.ReadAsync(Request(), Limit).AsTask();
        var other = new Pipe();
        await other.Writer.WriteAsync(new byte[60], Stop);

        Assert.Equal(BodyVerdict.NoRoom, (await bodies.ReadAsync(Request(other), Limit)).Verdict);

        await _client.Writer.CompleteAsync();
        Assert.Equal(BodyVerdict.Whole, (await held).Verdict);
        var third = new Pipe();
        await third.Writer.WriteAsync(new byte[Limit], Stop);
        await third.Writer.CompleteAsync();
        Assert.Equal(BodyVerdict.Whole, (await bodies.ReadAsync(Request(third), Limit)).Verdict);
    }

    [Fact]
    public async Task Small_body_is_read_while_large_ones_hold_all_that_they_may()
    {
        var bodies = new BoundedBody(_time, mostBytesTogether: 50, bytesOfAnyBody: 10);
        await SendAsync(60);
        var held = bodies.ReadAsync(Request(), Limit).AsTask();
        var (small, large) = (new Pipe(), new Pipe());
        await small.Writer.WriteAsync(new byte[10], Stop);
        await small.Writer.CompleteAsync();
        await large.Writer.WriteAsync(new byte[11], Stop);

        Assert.Equal(BodyVerdict.NoRoom, (await bodies.ReadAsync(Request(large), Limit)).Verdict);
        Assert.Equal(BodyVerdict.Whole, (await bodies.ReadAsync(Request(small), Limit)).Verdict);

        await _client.Writer.CompleteAsync();
        Assert.Equal(BodyVerdict.Whole, (await held).Verdict);
    }

    private async Task SendAsync(int length) => await _client.Writer.WriteAsync(new byte[length], Stop);

    private HttpRequest Request(Pipe? client = null) => new DefaultHttpContext { Request = { Body = (client ?? _client).Reader.AsStream() } }.Request;
}
