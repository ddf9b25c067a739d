using System.Collections.Concurrent;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests;

/// <summary>Addresses of requests, which hold secrets, stay out of the log whatever the configuration asks for.</summary>
public sealed class LogRulesTests
{
    [Theory]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Routing.Matching.DfaMatcher")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Routing.*")]
    [InlineData("Logging:Watched:LogLevel:Default")]
    [InlineData("Logging:Watched:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    public void What_names_addresses_is_quiet_for_every_provider(string key)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new(key, "Trace")]);
        var watched = new Watched();
        builder.Logging.ClearProviders().AddConfiguration(builder.Configuration.GetSection("Logging")).AddProvider(watched);
        builder.KeepAddressesOutOfLog();

        using var services = builder.Services.BuildServiceProvider();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        foreach (var category in (string[])["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Routing.Matching.DfaMatcher", "LoyaltyDashboard.Access"])
        {
            loggers.CreateLogger(category).LogInformation("asked");
            loggers.CreateLogger(category).LogWarning("refused");
        }

        Assert.DoesNotContain("Microsoft.AspNetCore.Hosting.Diagnostics Information", watched.Lines);
        Assert.DoesNotContain("Microsoft.AspNetCore.Routing.Matching.DfaMatcher Information", watched.Lines);
        Assert.Contains("Microsoft.AspNetCore.Hosting.Diagnostics Warning", watched.Lines);
        Assert.Contains("LoyaltyDashboard.Access Information", watched.Lines);
    }

    [ProviderAlias("Watched")]
    private sealed class Watched : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Line(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Line(string category, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue($"{category} {logLevel}");
        }
    }
}
