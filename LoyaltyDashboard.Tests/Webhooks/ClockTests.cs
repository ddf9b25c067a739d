using System.Net;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Tests.Following;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>The clock of the machine is set while the door is open: a token counts by the clock as it is, as in the SDK.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Token_counts_by_the_clock_as_it_is_after_a_jump(int hours)
    {
        var time = new FollowedTime();
        using var app = DashboardApp.Start(time);
        time.Jump(TimeSpan.FromHours(hours));
        var now = time.GetUtcNow().ToUnixTimeSeconds();

        Assert.Equal(HttpStatusCode.OK, await PostAsync(app, now - 3_600, now + 1));
        // Signed by a clock that is ahead of ours: the SDK does not mind.
        Assert.Equal(HttpStatusCode.OK, await PostAsync(app, now + 3_600, now + 7_200));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(app, now - 3_600, now));
    }

    private static async Task<HttpStatusCode> PostAsync(DashboardApp app, long issued, long ends)
    {
        using var answer = await app.PostAsync(new WixWebhook { Claims = new JsonObject { ["iat"] = issued, ["exp"] = ends } });
        return answer.StatusCode;
    }
}
