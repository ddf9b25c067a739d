using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A writer in the place of the program's own, whose sessions a test opens: on a database that is full, or not before the test says so.</summary>
internal static class ReplacedWriter
{
    /// <summary>Puts it in.</summary>
    /// <param name="services">The program's.</param>
    /// <param name="open">Opens a session by its connection string, on the writer's own thread.</param>
    public static void ReplaceWriter(this IServiceCollection services, Func<string, WriterSession> open)
    {
        var own = services.Single(service => service.ImplementationType == typeof(ImportWriter));
        services[services.IndexOf(own)] = ServiceDescriptor.Singleton<IHostedService>(provider => new ImportWriter(
            provider.GetRequiredService<IngestQueue>(), provider.GetRequiredService<SqliteConnectionStringBuilder>(), provider.GetRequiredService<ImportFeed>(), provider.GetRequiredService<DeliveryFeed>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ImportWriter>>())
        { OpenSession = open });
    }
}
