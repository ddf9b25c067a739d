using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>One request as it came in.</summary>
public sealed record FakeWixRequest(string Method, string Path, string? Authorization, string? ContentType, string Body);

/// <summary>A stand-in for Wix on a real Kestrel: records requests and answers what the test has queued. Tokens are given unless the test queues something else.</summary>
public sealed class FakeWix : IAsyncDisposable
{
    public const string TokenPath = "/oauth2/token";

    // The base address has a path of its own, as the sandbox's has.
    private const string Base = "/sandbox/wix";

    private readonly ConcurrentQueue<RequestDelegate> _answers = new();
    private readonly ConcurrentQueue<RequestDelegate> _tokenAnswers = new();
    private readonly ConcurrentQueue<FakeWixRequest> _requests = new();
    private readonly CallsOf<FakeWixRequest> _arrivals = new();
    private readonly WebApplication _app;
    private int _tokens;

    private FakeWix()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single() + Base;

    /// <summary>All requests, in the order they came.</summary>
    public IReadOnlyList<FakeWixRequest> Requests => [.. _requests];

    /// <summary>Requests for a token.</summary>
    public IReadOnlyList<FakeWixRequest> TokenRequests => [.. _requests.Where(r => r.Path == TokenPath)];

    /// <summary>All other requests.</summary>
    public IReadOnlyList<FakeWixRequest> Calls => [.. _requests.Where(r => r.Path != TokenPath)];

    public static async Task<FakeWix> StartAsync()
    {
        var wix = new FakeWix();
        await wix._app.StartAsync();
        return wix;
    }

    /// <summary>The token that Wix gives as the first, second, … one.</summary>
    public static string Token(int number) => $"OAUTH2.token-{number}-hush";

    public void Answer(RequestDelegate answer) => _answers.Enqueue(answer);

    public void Answer(int status, string body, params (string Name, string Value)[] headers) => Answer(Write(status, body, headers));

    public void AnswerToken(RequestDelegate answer) => _tokenAnswers.Enqueue(answer);

    public void AnswerToken(int status, string body, params (string Name, string Value)[] headers) => AnswerToken(Write(status, body, headers));

    /// <summary>Takes the next request, waiting for it.</summary>
    public ValueTask<FakeWixRequest> NextAsync(CancellationToken cancellation) => _arrivals.NextAsync(cancellation);

    /// <summary>An answer that does not come as long as the client waits.</summary>
    public static async Task NeverAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>An answer that breaks off in the middle.</summary>
    public static async Task BreakOffAsync(HttpContext context)
    {
        context.Response.ContentLength = 100;
        await context.Response.WriteAsync("{\"loyaltyImport\":");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static RequestDelegate Write(int status, string body, (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(body);
    };

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = context.Request;
        var path = request.GetEncodedPathAndQuery();
        var heard = new FakeWixRequest(
            request.Method,
            path.StartsWith(Base, StringComparison.Ordinal) ? path[Base.Length..] : "outside the base address: " + path,
            request.Headers.Authorization,
            request.ContentType,
            await reader.ReadToEndAsync());
        _requests.Enqueue(heard);
        await _arrivals.NoteAsync(heard);

        if (heard.Path == TokenPath)
        {
            var answer = _tokenAnswers.TryDequeue(out var queued)
                ? queued
                : Write((int)HttpStatusCode.OK, $$"""{"access_token":"{{Token(Interlocked.Increment(ref _tokens))}}","token_type":"Bearer","expires_in":14400}""", []);
            await answer(context);
            return;
        }

        await (_answers.TryDequeue(out var next) ? next : Write((int)HttpStatusCode.NotImplemented, "The test has queued no answer.", []))(context);
    }
}
