namespace LoyaltyDashboard;

/// <summary>Marks what comes by a tunnel that ends on this machine: its address says nothing of who it is.</summary>
internal sealed class FromTunnel
{
    /// <summary>Whether a request does.</summary>
    public static bool Is(HttpContext context) => context.Features.Get<FromTunnel>() is not null;
}
