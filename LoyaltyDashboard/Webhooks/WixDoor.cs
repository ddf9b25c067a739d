using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Webhooks;

/// <summary>
/// <c>POST /webhooks/wix</c>. Wix counts only a 200 within 1250 ms as success and otherwise sends again for two days, so: 200 for whatever is
/// authentic, after it is committed; 503 at once when it cannot be; 4xx for what no retry can mend.
/// </summary>
public sealed class WixDoor(Doorkeeper keeper, TokenVerifier verifier)
{
    /// <summary>Handles one request.</summary>
    public Task<IResult> HandleAsync(HttpContext context) => keeper.HandleAsync(context, DeliveryDoor.Wix, AdmitAsync);

    private async ValueTask<Admission> AdmitAsync(byte[] body, DateTimeOffset receivedAt)
    {
        var verification = await verifier.VerifyAsync(body);
        return verification.Verdict == TokenVerdict.Authentic
            ? Admission.Of(WebhookDelivery.Create(verification.Claims!, body.Length, receivedAt))
            : Admission.Refused(verification.Verdict == TokenVerdict.NotAToken ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized, verification.Cause!);
    }
}
