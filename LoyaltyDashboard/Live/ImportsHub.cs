using Microsoft.AspNetCore.SignalR;

namespace LoyaltyDashboard.Live;

/// <summary>What live clients are told.</summary>
public interface IImportsClient
{
    /// <summary>These imports changed; an empty list means "many". At most four times a second.</summary>
    Task ImportsChanged(IReadOnlyCollection<string> ids);
}

/// <summary><c>/hubs/imports</c>: for clients other than our own pages. It takes no calls; <see cref="ImportsHubClients"/> does all the telling.</summary>
public sealed class ImportsHub : Hub<IImportsClient>;
