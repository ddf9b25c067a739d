using System.Data.Common;
using System.Security.Cryptography;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Sandbox;

/// <summary>What the room brings to the program. Must be added first: it decides the key and the database.</summary>
public static class SandboxSetup
{
    private const string DatabaseKey = "ConnectionStrings:Dashboard";
    private const string AppIdKey = "Wix:AppId";
    private const string AppSecretKey = "Wix:AppSecret";
    private const string ApiBaseUrlKey = "Wix:ApiBaseUrl";

    /// <summary>The app's id at the stand-in.</summary>
    public const string AppId = "5a4db0c5-aaaa-4000-8000-000000000000";

    /// <summary>Where invented data go, apart from real ones.</summary>
    public const string ConnectionString = "Data Source=data/sandbox.db";

    /// <summary>Leads the configuration to the sandbox's own database, when the sandbox is on. What only looks for the database needs no more of the room.</summary>
    /// <returns>Whether the sandbox is on.</returns>
    /// <exception cref="InvalidOperationException">The sandbox is asked for in Production.</exception>
    public static bool UseSandboxDatabase(this IHostApplicationBuilder builder)
    {
        if (!builder.Configuration.GetValue<bool>($"{SandboxOptions.Section}:{nameof(SandboxOptions.Enabled)}"))
        {
            return false;
        }

        if (builder.Environment.IsProduction())
        {
            throw new InvalidOperationException("Sandbox:Enabled is true in the Production environment, where invented imports must never be. Remove it, or set ASPNETCORE_ENVIRONMENT=Development to try things out.");
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [DatabaseKey] = OwnDatabase(builder.Configuration[DatabaseKey]) });
        return true;
    }

    /// <summary>Registers the room's services, when the sandbox is on.</summary>
    /// <exception cref="InvalidOperationException">The sandbox is asked for in Production.</exception>
    public static WebApplicationBuilder AddSandbox(this WebApplicationBuilder builder)
    {
        if (!builder.UseSandboxDatabase())
        {
            return builder;
        }

        var key = new SandboxKey();
        var nextKey = 1 + builder.Configuration.GetSection("Wix:PublicKeys").GetChildren().Select(k => int.TryParse(k.Key, out var index) ? index : -1).DefaultIfEmpty(-1).Max();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"Wix:PublicKeys:{nextKey}"] = key.PublicPem });
        builder.Services.AddSingleton(key);
        builder.Services.TrustSandboxFiles();
        builder.Services.AddHttpClient(nameof(SandboxAnnouncer)).RemoveAllLoggers();
        builder.Services.AddOptions<SandboxOptions>().BindConfiguration(SandboxOptions.Section)
            .Validate(o => o.StartWith is >= 0 and <= SandboxOptions.MostAtStart, $"Sandbox:StartWith must be a whole number from 0 to {SandboxOptions.MostAtStart}, for example 18.")
            .Validate(o => o.IntervalSeconds is 0 or (>= SandboxOptions.ShortestInterval and <= SandboxOptions.LongestInterval), $"Sandbox:IntervalSeconds must be 0 or from {SandboxOptions.ShortestInterval} to {SandboxOptions.LongestInterval} seconds, for example 5.")
            .ValidateOnStart();
        builder.StandInForWix();
        builder.Services.AddSingleton<SandboxWorldFile>().AddSingleton<SandboxWorld>().AddSingleton<SandboxFaults>().AddSingleton<SandboxLog>().AddSingleton<SandboxRateLimit>();
        builder.Services.AddSingleton<SandboxTokens>().AddSingleton<SandboxErrorFiles>().AddSingleton<SandboxApi>().AddSingleton<SandboxSwitchboard>();
        builder.Services.AddSingleton<SandboxAnnouncer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SandboxAnnouncer>());
        return builder;
    }

    /// <summary>Maps the stand-in's API, its faults and its log, when the sandbox is on.</summary>
    public static WebApplication MapSandbox(this WebApplication app)
    {
        if (app.Services.GetService<SandboxApi>() is { } api)
        {
            api.Map(app);
            app.Services.GetRequiredService<SandboxSwitchboard>().Map(app);
        }

        return app;
    }

    // Whoever names another API means it: no request of theirs is led here, and no invented secret is sent there.
    private static void StandInForWix(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (!string.IsNullOrWhiteSpace(configuration[ApiBaseUrlKey]) && configuration[ApiBaseUrlKey]!.TrimEnd('/') != SandboxRoute.BaseUrl)
        {
            return;
        }

        var settings = new Dictionary<string, string?> { [ApiBaseUrlKey] = SandboxRoute.BaseUrl };
        if (string.IsNullOrWhiteSpace(configuration[AppIdKey]) && string.IsNullOrWhiteSpace(configuration[AppSecretKey]))
        {
            (settings[AppIdKey], settings[AppSecretKey]) = (AppId, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        configuration.AddInMemoryCollection(settings);
        builder.Services.AddTransient<SandboxRoute>();
        builder.Services.AddHttpClient(WixApi.ClientName).AddHttpMessageHandler<SandboxRoute>();
    }

    // Beside the one that is configured, never in it.
    private static string OwnDatabase(string? configured)
    {
        if (configured is null)
        {
            return ConnectionString;
        }

        var connection = new DbConnectionStringBuilder { ConnectionString = configured };
        if (connection.TryGetValue("Data Source", out var source) && source is string path && Path.GetFileName(path) is { Length: > 0 } file)
        {
            connection["Data Source"] = Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, "sandbox-" + file);
        }

        return connection.ConnectionString;
    }
}
