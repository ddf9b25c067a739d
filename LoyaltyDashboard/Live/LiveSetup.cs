using System.Security.Claims;
using LoyaltyDashboard.Access;
using Microsoft.AspNetCore.SignalR;

namespace LoyaltyDashboard.Live;

/// <summary>What the room brings to the program.</summary>
public static class LiveSetup
{
    private const long LargestMessage = 4 * 1024;

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddLive(this WebApplicationBuilder builder)
    {
        // Its clients listen; what they send is a handshake and signs of life.
        builder.Services.AddSignalR().AddHubOptions<ImportsHub>(hub => hub.MaximumReceiveMessageSize = LargestMessage);
        builder.Services.AddSingleton<ImportFeed>();
        builder.Services.AddSingleton<HubLifetimeManager<ImportsHub>>(services => ActivatorUtilities.CreateInstance<ImportsHubClients>(services, (Func<ClaimsPrincipal?, Reader>)services.GetRequiredService<Readers>().Of));
        builder.Services.AddSingleton<DeliveryFeed>();
        builder.Services.AddSingleton<DownloadTickets>();
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapLive(this WebApplication app)
    {
        app.MapHub<ImportsHub>("/hubs/imports");
        return app;
    }
}
