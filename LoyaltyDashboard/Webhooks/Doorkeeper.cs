using System.Globalization;
using System.Text.Json;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Webhooks;

/// <summary>What a door makes of a body: a delivery to store, or a status and the cause of refusing it.</summary>
/// <param name="Delivery">The delivery; null when it is refused.</param>
/// <param name="Status">Status of a refusal.</param>
/// <param name="Cause">The fault and its mend, in words for the sender.</param>
internal readonly record struct Admission(Delivery? Delivery, int Status, string? Cause)
{
    /// <summary>Lets it in.</summary>
    public static Admission Of(Delivery delivery) => new(delivery, StatusCodes.Status200OK, null);

    /// <summary>Turns it away for good.</summary>
    public static Admission Refused(int status, string cause) => new(null, status, cause);
}

/// <summary>
/// What all doors do alike: read a bounded body, refuse with a cause and a line, answer 200 only after the commit, and 503 at once when nothing can be promised.
/// A door itself only says what it makes of a body.
/// </summary>
public sealed class Doorkeeper(BoundedBody bodies, IngestQueue queue, RejectionLog rejections, RejectionLimit limit, TimeProvider time)
{
    /// <summary>Bytes of the largest body.</summary>
    public const int LargestBody = TokenVerifier.LargestToken;

    /// <summary>When a request is answered at the latest, from its start. Wix hangs up after 1250 ms, and what a busy machine adds before and after is not seen from here.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>For its commit a request waits so long even if its body took all of <see cref="LongestWait"/>: over a slow line no event would ever be stored otherwise.</summary>
    public static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Seconds after which a turned away sender may try again.</summary>
    public const int RetryAfterSeconds = 5;

    /// <summary>Handles one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="door">The door it came to.</param>
    /// <param name="admit">What that door makes of the whole body, which came at the time given.</param>
    internal async Task<IResult> HandleAsync(HttpContext context, DeliveryDoor door, Func<byte[], DateTimeOffset, ValueTask<Admission>> admit)
    {
        var receivedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        byte[] body;
        try
        {
            (var verdict, body) = await bodies.ReadAsync(context.Request, LargestBody);
            switch (verdict)
            {
                case BodyVerdict.TooLarge:
                    return Reject(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {LargestBody / 1024 / 1024} MiB.", context.Request.ContentLength ?? LargestBody);
                case BodyVerdict.TooSlow:
                    HangUpAfterwards(context);
                    return Reject(StatusCodes.Status408RequestTimeout, $"The body did not come within {BoundedBody.LongestRead.TotalSeconds} s.", context.Request.ContentLength ?? 0);
                case BodyVerdict.NoRoom:
                    HangUpAfterwards(context);
                    return TurnAway(context);
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

        // Before the signature is checked: that takes most of a request's time, and there is none to spare. Only what was signed can make the queue this long. A site's own code gets half of
        // it, so that whoever holds one secret cannot keep Wix out.
        if (!queue.CanCommitWithin(door == DeliveryDoor.Sdk ? Left() / 2 : Left()))
        {
            return TurnAway(context);
        }

        var admission = await admit(body, receivedAt);
        if (admission.Delivery is not { } delivery)
        {
            return Reject(admission.Status, admission.Cause!, body.Length);
        }

        var result = await StoreAsync(delivery, Left());
        if (result.Status == IngestStatus.Unavailable)
        {
            return TurnAway(context);
        }

        context.Response.OnCompleted(() =>
        {
            queue.NoteAnswer(result.DeliveryRowId, (long)time.GetElapsedTime(started).TotalMicroseconds);
            return Task.CompletedTask;
        });
        return Results.Text(result.Outcome.ToString().ToLowerInvariant());

        TimeSpan Left()
        {
            var left = LongestWait - time.GetElapsedTime(started);
            return left < LeastWait ? LeastWait : left;
        }

        IResult Reject(int status, string cause, long bytes) => Refuse(context, door, status, cause, bytes, receivedAt, time.GetElapsedTime(started));
    }

    /// <summary>Refuses a request whose body nobody reads.</summary>
    internal IResult RefuseUnread(HttpContext context, DeliveryDoor door, int status, string cause) =>
        Refuse(context, door, status, cause, context.Request.ContentLength ?? 0, time.GetUtcNow(), TimeSpan.Zero);

    private IResult Refuse(HttpContext context, DeliveryDoor door, int status, string cause, long bytes, DateTimeOffset receivedAt, TimeSpan took)
    {
        // Only here, where it is known that nothing signed came.
        if (status is StatusCodes.Status400BadRequest or StatusCodes.Status401Unauthorized && limit.Count(context.Connection.RemoteIpAddress) is { } seconds)
        {
            rejections.CountOnly();
            return new TooMany(seconds);
        }

        rejections.Note(door, receivedAt, bytes, status, cause, took);
        return Results.Problem(cause, statusCode: status);
    }

    private static IResult TurnAway(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Problem("The event could not be stored now. Send it again.", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    // Where a body was left half read, Kestrel cannot find the next request.
    private static void HangUpAfterwards(HttpContext context) => context.Response.Headers.Connection = "close";

    // A sender that hangs up does not stop the write, so the request's own token is left out.
    private async Task<IngestResult> StoreAsync(Delivery delivery, TimeSpan longest)
    {
        using var limit = new CancellationTokenSource(longest, time);
        try
        {
            return await queue.EnqueueAsync(delivery, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return IngestResult.Unavailable;
        }
    }

    // Written out once: in a flood, what each answer takes is taken from signed events.
    private sealed class TooMany(int seconds) : IResult
    {
        private static readonly byte[] _problem = JsonSerializer.SerializeToUtf8Bytes(
            new { type = "https://tools.ietf.org/html/rfc6585#section-4", title = "Too Many Requests", status = StatusCodes.Status429TooManyRequests, detail = "Too many requests that fail the signature. Signed ones are taken all the same." });

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            (response.ContentType, response.ContentLength) = ("application/problem+json", _problem.Length);
            return response.Body.WriteAsync(_problem, httpContext.RequestAborted).AsTask();
        }
    }
}
