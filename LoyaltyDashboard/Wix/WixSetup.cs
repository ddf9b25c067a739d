namespace LoyaltyDashboard.Wix;

/// <summary>What the room brings to the program.</summary>
public static class WixSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddWix(this WebApplicationBuilder builder)
    {
        return builder;
    }
}
