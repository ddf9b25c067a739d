using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Webhooks;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard;

/// <summary>
/// How often one may try to sign in, and how often a script may ask. Of the doors, only requests that fail the signature are limited, by <see cref="RejectionLimit"/>: behind a proxy all of Wix is one address.
/// </summary>
internal sealed class RateLimits
{
    /// <summary>Tries to sign in, or to use a link, that one address may make at once.</summary>
    public int SignInsAtOnce { get; set; } = 30;

    /// <summary>And afterwards, a minute.</summary>
    public int SignInsPerMinute { get; set; } = 20;

    /// <summary>Questions to the API that one user, key or address may ask at once.</summary>
    public int QuestionsAtOnce { get; set; } = 1_000;

    /// <summary>And afterwards, a minute.</summary>
    public int QuestionsPerMinute { get; set; } = 6_000;

    /// <summary>Whom an address stands for: behind one line there are 2^64 addresses of IPv6.</summary>
    internal static string Of(IPAddress? address) => AddressGroup.Of(address).ToString();

    /// <summary>What sends a password, a code or a secret.</summary>
    internal static bool IsSignIn(HttpRequest request) => HttpMethods.IsPost(request.Method)
        && (StartsWith(request, "/sign-in") || StartsWith(request, "/signin-") || StartsWith(request, "/enter") || StartsWith(request, "/account"));

    /// <summary>What asks for lists, imports and files.</summary>
    internal static bool IsQuestion(HttpRequest request) => request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    // Not by segments: pages of a kind begin alike.
    private static bool StartsWith(HttpRequest request, string beginning) => request.Path.Value?.StartsWith(beginning, StringComparison.OrdinalIgnoreCase) == true;
}

/// <summary>What start needs for <see cref="RateLimits"/>.</summary>
internal static class RateLimitsSetup
{
    /// <summary>Registers them.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = (rejected, cancellation) => new(TellAsync(rejected.HttpContext, rejected.Lease, cancellation));
        });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimits>, Readers>((limiter, limits, readers) =>
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(ByWhoAsks(limits.Value, readers), SignInsTogether()));
        return builder;
    }

    /// <summary>Holds them from here on. It has to be known who asks.</summary>
    public static void UseRateLimits(this IApplicationBuilder app) =>
        app.UseWhen(context => RateLimits.IsSignIn(context.Request) || RateLimits.IsQuestion(context.Request), limited => limited.UseRateLimiter());

    private static PartitionedRateLimiter<HttpContext> ByWhoAsks(RateLimits limits, Readers readers) => PartitionedRateLimiter.Create<HttpContext, string>(context =>
    {
        var address = RateLimits.Of(context.Connection.RemoteIpAddress);
        return RateLimits.IsSignIn(context.Request)
            ? RateLimitPartition.GetTokenBucketLimiter("sign-in " + address, _ => Bucket(limits.SignInsAtOnce, limits.SignInsPerMinute))
            : RateLimitPartition.GetTokenBucketLimiter(
                readers.Of(context.User) is { Role: not Storage.Role.None } reader ? reader.Actor : address, _ => Bucket(limits.QuestionsAtOnce, limits.QuestionsPerMinute));
    });

    // A password takes a core for a tenth of a second on purpose. However many try, from however many addresses, the doors keep a core.
    private static PartitionedRateLimiter<HttpContext> SignInsTogether() => PartitionedRateLimiter.Create<HttpContext, bool>(context =>
        RateLimits.IsSignIn(context.Request)
            ? RateLimitPartition.GetConcurrencyLimiter(true, _ => new ConcurrencyLimiterOptions { PermitLimit = Math.Max(1, Environment.ProcessorCount / 2), QueueLimit = 100, QueueProcessingOrder = QueueProcessingOrder.OldestFirst })
            : RateLimitPartition.GetNoLimiter(false));

    private static TokenBucketRateLimiterOptions Bucket(int atOnce, int perMinute) => new() { TokenLimit = atOnce, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute, QueueLimit = 0 };

    private static Task TellAsync(HttpContext context, RateLimitLease lease, CancellationToken cancellation)
    {
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 5;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (RateLimits.IsQuestion(context.Request))
        {
            return Results.Problem("Too many questions at once. Retry-After says in how many seconds to go on.", statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context);
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"Too many tries. Wait {(seconds == 1 ? "a second" : $"{seconds} seconds")}, go back and try again.", cancellation);
    }
}
