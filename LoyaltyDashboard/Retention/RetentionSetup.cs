namespace LoyaltyDashboard.Retention;

/// <summary>What the room brings to the program.</summary>
public static class RetentionSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddRetention(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<StoredData>().AddSingleton<PieceWriter>().AddSingleton<RemovalGate>().AddSingleton<ForgetPerson>().AddSingleton<DeleteImports>().AddSingleton<RetentionJob>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RetentionJob>());
        return builder;
    }
}
