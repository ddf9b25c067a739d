using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace LoyaltyDashboard.Access;

/// <summary>The user of this request, or of this page for as long as it is open.</summary>
public sealed class CurrentUser(IServiceProvider services)
{
    private ClaimsPrincipal? _user;

    /// <summary>The user; one without claims when nobody is signed in. A page's does not change while it is open.</summary>
    public ClaimsPrincipal User
    {
        get => _user ??= OfCircuit();
        internal set => _user = value;
    }

    // A request's is set by the middleware. What has none is a page: Blazor gave it its user before anything of it ran.
    private ClaimsPrincipal OfCircuit()
    {
        var state = services.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync();
        return state.IsCompletedSuccessfully ? state.Result.User : throw new InvalidOperationException("The page's user is not known yet.");
    }
}
