namespace LoyaltyDashboard.Sandbox;

/// <summary>What the room brings to the program. Must be added first: it decides the key and the database.</summary>
public static class SandboxSetup
{
    private const string DatabaseKey = "ConnectionStrings:Dashboard";

    /// <summary>Where invented data go, apart from real ones.</summary>
    public const string ConnectionString = "Data Source=data/sandbox.db";

    /// <summary>Registers the room's services, when the sandbox is on.</summary>
    /// <exception cref="InvalidOperationException">The sandbox is asked for in Production.</exception>
    public static WebApplicationBuilder AddSandbox(this WebApplicationBuilder builder)
    {
        if (!builder.Configuration.GetValue<bool>($"{SandboxOptions.Section}:{nameof(SandboxOptions.Enabled)}"))
        {
            return builder;
        }

        if (builder.Environment.IsProduction())
        {
            throw new InvalidOperationException("Sandbox:Enabled is true in the Production environment, where invented imports must never be. Remove it, or set ASPNETCORE_ENVIRONMENT=Development to try things out.");
        }

        var key = new SandboxKey();
        var keys = builder.Configuration.GetSection("Wix:PublicKeys").GetChildren().Count();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"Wix:PublicKeys:{keys}"] = key.PublicPem,
            [DatabaseKey] = builder.Configuration[DatabaseKey] ?? ConnectionString,
        });
        builder.Services.AddSingleton(key);
        builder.Services.AddHttpClient(nameof(SandboxAnnouncer)).RemoveAllLoggers();
        builder.Services.AddOptions<SandboxOptions>().BindConfiguration(SandboxOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SandboxAnnouncer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SandboxAnnouncer>());
        return builder;
    }
}
