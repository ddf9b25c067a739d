using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Storage;

/// <summary>What the room brings to the program.</summary>
public static class StorageSetup
{
    /// <summary>The file used unless <c>ConnectionStrings:Dashboard</c> names another; counts from the content root.</summary>
    public const string DefaultConnectionString = "Data Source=data/loyalty-dashboard.db";

    /// <summary>The database that the configuration names.</summary>
    /// <exception cref="InvalidOperationException">It names none that could be used.</exception>
    public static SqliteConnectionStringBuilder Connection(IConfiguration configuration, IHostEnvironment environment) =>
        SqliteSetup.Resolve(configuration.GetConnectionString("Dashboard") ?? DefaultConnectionString, environment.ContentRootPath);

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        // Read when first needed: a test host adds its configuration after this line has run.
        builder.Services.AddSingleton(services => Connection(services.GetRequiredService<IConfiguration>(), services.GetRequiredService<IHostEnvironment>()));
        builder.Services.AddSingleton<QuestionGate>();
        builder.Services.AddPooledDbContextFactory<DashboardDb>((services, options) => options
            .UseSqlite(services.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString)
            .AddInterceptors(new SqliteSetup(), services.GetRequiredService<QuestionGate>()));
        builder.Services.AddHostedService<DatabaseSetup>();
        builder.Services.AddSingleton<EfCoreWakeUp>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EfCoreWakeUp>());
        return builder;
    }
}
