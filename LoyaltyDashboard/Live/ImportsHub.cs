using Microsoft.AspNetCore.SignalR;

namespace LoyaltyDashboard.Live;

/// <summary>What live clients are told.</summary>
public interface IImportsClient
{
    /// <summary>
    /// These imports changed, at most four times a second. An empty list means "many": more changed than can be named, or than the client has read. Who is limited to some sites
    /// hears of no import of another; an empty list may then mean that others' imports changed, and of which sites it does not tell.
    /// </summary>
    Task ImportsChanged(IReadOnlyCollection<string> ids);
}

/// <summary><c>/hubs/imports</c>: for clients other than our own pages. It takes no calls; <see cref="ImportsHubClients"/> does all the telling.</summary>
public sealed class ImportsHub : Hub<IImportsClient>;
