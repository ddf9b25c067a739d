namespace LoyaltyDashboard.Following;

/// <summary>What the room brings to the program.</summary>
public static class FollowingSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddFollowing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FollowPlan>();
        builder.Services.AddSingleton<SiteQuestions>();
        builder.Services.AddSingleton<SiteRound>();
        builder.Services.AddSingleton<Follower>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Follower>());
        builder.Services.AddSingleton<RefreshNow>();
        builder.Services.AddSingleton<StuckWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StuckWatch>());
        return builder;
    }
}
