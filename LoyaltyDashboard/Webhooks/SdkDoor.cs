using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Webhooks;

/// <summary>
/// <c>POST /webhooks/wix-sdk</c>, for sites whose own code forwards what the JavaScript SDK hands to <c>onLoyaltyImportCreated</c>, signed by Standard Webhooks.
/// Without a secret there is no such door. Nothing is parsed before its signature holds.
/// </summary>
public sealed class SdkDoor(Doorkeeper keeper, StandardWebhooks signatures)
{
    /// <summary>Whether a secret is configured.</summary>
    public bool IsOpen => signatures.HasSecrets;

    /// <summary>Handles one request.</summary>
    public Task<IResult> HandleAsync(HttpContext context) => IsOpen
        ? keeper.HandleAsync(context, DeliveryDoor.Sdk, (body, receivedAt) => ValueTask.FromResult(Admit(context.Request.Headers, body, receivedAt)))
        : Task.FromResult(keeper.RefuseUnread(context, DeliveryDoor.Sdk, StatusCodes.Status404NotFound, "There is no secret to check this with, so this door is closed. Wix:SdkSecrets opens it."));

    private Admission Admit(IHeaderDictionary headers, byte[] body, DateTimeOffset receivedAt)
    {
        var signature = signatures.Verify(headers, body);
        if (signature.Fault is { } fault)
        {
            return Admission.Refused(StatusCodes.Status401Unauthorized, fault);
        }

        var decoded = SdkEventDecoder.Decode(body, receivedAt);
        if (decoded.Kind == DecodedKind.NotJson)
        {
            return Admission.Refused(StatusCodes.Status400BadRequest, decoded.Cause!);
        }

        return signature.SpeaksFor(decoded.InstanceId)
            ? Admission.Of(WebhookDelivery.Create(DeliveryDoor.Sdk, decoded, body, body.Length, receivedAt))
            : Admission.Refused(StatusCodes.Status401Unauthorized, decoded.InstanceId is null
                ? "The secret speaks for one site, and metadata.instanceId names none. Forward the SDK's metadata whole, or sign with a secret that is bound to no site."
                : "The secret speaks for one site, and metadata.instanceId names another. Sign with the secret of the event's own site.");
    }
}
