using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Telemetry;
using Polly.Timeout;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// The HTTP client to Wix. From the outside in: time limit of the whole, repeats, time limit of an attempt, the whole body, the budget, the network.
/// </summary>
internal static class WixClientSetup
{
    private static readonly TimeSpan _wholeLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _attemptLimit = TimeSpan.FromSeconds(10);

    // What Wix wants to be waited for longer is for the follower's schedule.
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(2);

    /// <summary>Registers the client under <see cref="WixApi.ClientName"/>.</summary>
    public static void AddWixClient(this IServiceCollection services)
    {
        // Whoever calls tells of the fault once it is one; a repeat that mends it is nothing to tell.
        services.Configure<TelemetryOptions>(options => options.SeverityProvider = _ => ResilienceEventSeverity.Debug);
        services.AddTransient<WixAnswerHandler>();
        services.AddTransient<WixBudgetHandler>();

        var client = services.AddHttpClient(WixApi.ClientName, client =>
        {
            // The pipeline's limits hold, on the program's clock.
            client.Timeout = Timeout.InfiniteTimeSpan;
            client.DefaultRequestHeaders.Accept.Add(new("application/json"));
        });

        // The default lines show addresses.
        client.RemoveAllLoggers();
        client.SetHandlerLifetime(TimeSpan.FromMinutes(10));
        client.UseSocketsHttpHandler((handler, _) =>
        {
            handler.UseCookies = false;
            handler.AllowAutoRedirect = false;
            handler.AutomaticDecompression = DecompressionMethods.All;
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
            handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1);
            handler.MaxConnectionsPerServer = 32;
        });
        client.AddResilienceHandler(WixApi.ClientName, (pipeline, context) => AddStrategies(pipeline, context.ServiceProvider.GetRequiredService<TimeProvider>()));
        client.AddHttpMessageHandler<WixAnswerHandler>();
        client.AddHttpMessageHandler<WixBudgetHandler>();
    }

    private static void AddStrategies(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, TimeProvider time)
    {
        pipeline.TimeProvider = time;
        pipeline.AddTimeout(new HttpTimeoutStrategyOptions { Name = "Whole", Timeout = _wholeLimit });
        pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            Name = "Repeats",
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(500),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldRetryAfterHeader = false,
            ShouldHandle = arguments => ValueTask.FromResult(IsSoonMended(arguments.Outcome, time)),

            // Null: the exponential one.
            DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result is { } answer ? WixAnswer.RetryAfterOf(answer, time.GetUtcNow()) : null),
        });
        pipeline.AddTimeout(new HttpTimeoutStrategyOptions { Name = "Attempt", Timeout = _attemptLimit });
    }

    private static bool IsSoonMended(Outcome<HttpResponseMessage> outcome, TimeProvider time) => outcome switch
    {
        { Exception: TimeoutRejectedException } => true,
        { Exception: HttpRequestException fault } => fault.HttpRequestError is not (HttpRequestError.SecureConnectionError or HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded),
        { Result.StatusCode: HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout } =>
            WixAnswer.RetryAfterOf(outcome.Result, time.GetUtcNow()) is not { } wait || wait <= _longestWait,
        _ => false,
    };
}
