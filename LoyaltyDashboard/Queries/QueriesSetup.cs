namespace LoyaltyDashboard.Queries;

/// <summary>What the room brings to the program.</summary>
public static class QueriesSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddQueries(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ImportQueries>();
        builder.Services.AddSingleton<ImportStreams>();
        builder.Services.AddSingleton<DeliveryQueries>();
        builder.Services.AddSingleton<SiteQueries>();
        return builder;
    }
}
