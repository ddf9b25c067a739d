namespace LoyaltyDashboard.Access;

/// <summary>What the room brings to the program.</summary>
public static class AccessSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Readers>();
        builder.Services.AddScoped(_ => new CurrentReader(() => Reader.System));
        return builder;
    }
}
