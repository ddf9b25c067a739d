namespace LoyaltyDashboard.Wix;

/// <summary>
/// Counts every request that goes out, repeats too, against the budget of its instance. It stands next to the network. The first attempt has entered
/// before the time limits began (<see cref="WixHttp"/>): a wait of up to a minute for room is not Wix being slow.
/// </summary>
internal sealed class WixBudgetHandler(WixRequestBudget budget) : DelegatingHandler
{
    private static readonly HttpRequestOptionsKey<string> _instance = new("LoyaltyDashboard.Wix.Instance");
    private static readonly HttpRequestOptionsKey<bool> _hasEntered = new("LoyaltyDashboard.Wix.HasEntered");

    /// <summary>Marks a request as one for an instance whose first attempt has entered.</summary>
    public static void Mark(HttpRequestMessage request, string instanceId)
    {
        request.Options.Set(_instance, instanceId);
        request.Options.Set(_hasEntered, true);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(_instance, out var instanceId))
        {
            throw new InvalidOperationException("A request to Wix names no instance of the app, so it cannot be counted.");
        }

        if (request.Options.TryGetValue(_hasEntered, out var hasEntered) && hasEntered)
        {
            request.Options.Set(_hasEntered, false);
        }
        else
        {
            await budget.EnterAsync(instanceId, cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
