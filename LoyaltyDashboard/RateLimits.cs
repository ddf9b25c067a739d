using System.Globalization;
using System.Net;
using System.Net.Sockets;
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

    /// <summary>The network of 48 bits that an address of IPv6 is in; null for one of IPv4.</summary>
    internal static ulong? NetworkOf(IPAddress? address) => address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? AddressGroup.Of(address).High >> 16 : null;

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
    private const int LinesOfNetwork = 4;

    /// <summary>Registers them.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = (rejected, cancellation) => new(TellAsync(rejected.HttpContext, rejected.Lease, cancellation));
        });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimits>, Readers>((limiter, limits, readers) =>
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(ByWhoAsks(limits.Value, readers), ByNetwork(limits.Value)));
        return builder;
    }

    /// <summary>Holds them from here on. It has to be known who asks.</summary>
    public static void UseRateLimits(this IApplicationBuilder app) =>
        app.UseWhen(context => RateLimits.IsSignIn(context.Request) || RateLimits.IsQuestion(context.Request), limited => limited.UseRateLimiter());

    private static PartitionedRateLimiter<HttpContext> ByWhoAsks(RateLimits limits, Readers readers) => PartitionedRateLimiter.Create<HttpContext, string>(context =>
    {
        // At the end of a tunnel all the world has one address, and anybody could use up everybody's tries. What is left there is the lockout of an account, and that passwords take turns.
        var address = FromTunnel.Is(context) ? null : RateLimits.Of(context.Connection.RemoteIpAddress);
        var who = RateLimits.IsSignIn(context.Request) ? null : readers.Of(context.User) is { Role: not Storage.Role.None } reader ? reader.Actor : address;
        return who is not null ? RateLimitPartition.GetTokenBucketLimiter(who, _ => Bucket(limits.QuestionsAtOnce, limits.QuestionsPerMinute))
            : address is not null && RateLimits.IsSignIn(context.Request) ? RateLimitPartition.GetTokenBucketLimiter("sign-in " + address, _ => Bucket(limits.SignInsAtOnce, limits.SignInsPerMinute))
            : RateLimitPartition.GetNoLimiter(string.Empty);
    });

    // A line of IPv6 costs nothing where a network of 2^16 of them does, so these are counted together, too.
    private static PartitionedRateLimiter<HttpContext> ByNetwork(RateLimits limits) => PartitionedRateLimiter.Create<HttpContext, ulong>(context =>
        RateLimits.IsSignIn(context.Request) && !FromTunnel.Is(context) && RateLimits.NetworkOf(context.Connection.RemoteIpAddress) is { } network
            ? RateLimitPartition.GetTokenBucketLimiter(network, _ => Bucket(LinesOfNetwork * limits.SignInsAtOnce, LinesOfNetwork * limits.SignInsPerMinute))
            : RateLimitPartition.GetNoLimiter<ulong>(0));

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
