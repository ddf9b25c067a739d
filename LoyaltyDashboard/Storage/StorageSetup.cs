namespace LoyaltyDashboard.Storage;

/// <summary>What the room brings to the program.</summary>
public static class StorageSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        return builder;
    }
}
