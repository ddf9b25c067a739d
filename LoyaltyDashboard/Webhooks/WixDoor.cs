using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Webhooks;

/// <summary>
/// <c>POST /webhooks/wix</c>. Wix counts only a 200 within 1250 ms as success and otherwise sends again for two days, so: 200 for whatever is
/// authentic, after it is committed; 503 at once when it cannot be; 4xx for what no retry can mend.
/// </summary>
public sealed class WixDoor(BoundedBody bodies, TokenVerifier verifier, IngestQueue queue, RejectionLog rejections, TimeProvider time)
{
    /// <summary>How long a request waits for its commit. Wix hangs up after 1250 ms.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Seconds after which a turned away sender may try again.</summary>
    public const int RetryAfterSeconds = 5;

    /// <summary>Handles one request.</summary>
    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var receivedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        byte[] body;
        try
        {
            (var verdict, body) = await bodies.ReadAsync(context.Request, TokenVerifier.LargestToken);
            switch (verdict)
            {
                case BodyVerdict.TooLarge:
                    return Reject(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {TokenVerifier.LargestToken / 1024 / 1024} MiB.", context.Request.ContentLength ?? TokenVerifier.LargestToken);
                case BodyVerdict.TooSlow:
                    HangUpAfterwards(context);
                    return Reject(StatusCodes.Status408RequestTimeout, $"The body did not come within {BoundedBody.LongestRead.TotalSeconds} s.", context.Request.ContentLength ?? 0);
                case BodyVerdict.NoRoom:
                    HangUpAfterwards(context);
                    return TurnAway();
            }
        }
        catch (BadHttpRequestException exception)
        {
            HangUpAfterwards(context);
            var answer = Reject(exception.StatusCode, "The request was not sent whole.", context.Request.ContentLength ?? 0);
            if (context.Request.ContentLength is not null && exception.StatusCode == StatusCodes.Status400BadRequest)
            {
                // Fewer bytes than announced: the sender has hung up and hears no answer. Kestrel itself knows how to end such a connection, and only from the exception.
                throw;
            }

            return answer;
        }
        catch (IOException)
        {
            // The sender is gone; nobody reads this answer.
            context.Abort();
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        var verification = await verifier.VerifyAsync(body);
        if (verification.Verdict != TokenVerdict.Authentic)
        {
            return Reject(verification.Verdict == TokenVerdict.NotAToken ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized, verification.Cause!, body.Length);
        }

        var result = await StoreAsync(WebhookDelivery.Create(verification.Claims!, body.Length, receivedAt));
        if (result.Status == IngestStatus.Unavailable)
        {
            return TurnAway();
        }

        context.Response.OnCompleted(() =>
        {
            queue.NoteAnswer(result.DeliveryRowId, (long)time.GetElapsedTime(started).TotalMicroseconds);
            return Task.CompletedTask;
        });
        return Results.Text(result.Outcome.ToString().ToLowerInvariant());

        IResult TurnAway()
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Results.Problem("The event could not be stored now. Send it again.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        IResult Reject(int status, string cause, long bytes)
        {
            rejections.Note(DeliveryDoor.Wix, receivedAt, bytes, status, cause, time.GetElapsedTime(started));
            return Results.Problem(cause, statusCode: status);
        }
    }

    // Where a body was left half read, Kestrel cannot find the next request.
    private static void HangUpAfterwards(HttpContext context) => context.Response.Headers.Connection = "close";

    // A sender that hangs up does not stop the write, so the request's own token is left out.
    private async Task<IngestResult> StoreAsync(Delivery delivery)
    {
        using var limit = new CancellationTokenSource(LongestWait, time);
        try
        {
            return await queue.EnqueueAsync(delivery, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return IngestResult.Unavailable;
        }
    }
}
