using LoyaltyDashboard;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Api;
using LoyaltyDashboard.Commands;
using LoyaltyDashboard.Components;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Retention;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Webhooks;
using LoyaltyDashboard.Wix;

if (CommandLine.TryRun(args, Startup.Configure) is { } command)
{
    return await command;
}

var hasStarted = false;
try
{
    Startup.KeepThreadsForDoors();
    var builder = Startup.Configure(args);
    builder.UseAssetsWhereverTheyAre();
    builder.QuietenRefusedStarts();
    builder.KeepAddressesOutOfLog();
    builder.AddProxies();
    builder.CheckAddresses();
    builder.AddVisitors();
    builder.LimitConnections();
    builder.LimitRequests();
    builder.AddRateLimits();
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddProblemDetails();

    builder.AddSandbox();
    builder.AddStorage();
    builder.AddAccess();
    builder.AddWix();
    builder.AddLive();
    builder.AddQueries();
    builder.AddIngest();
    builder.AddFollowing();
    builder.AddRetention();
    builder.AddWebhooks();
    builder.AddApi();
    builder.AddComponents();
    builder.Services.AddHostedService<Greeting>();

    var app = builder.Build();
    app.UseProxies();

    app.KeepFaultsToTheLog();
    app.SendSafeHeaders();
    app.ReceiveVisitors();

    // The doors answer here; whatever is added below this line is for everybody else.
    app.UseRouting();
    app.MapWebhooks();
    app.UseAccess(known => known.UseRateLimits());
    app.MapAccess();
    app.MapApi();
    app.MapExport();
    app.MapLive();
    app.MapSandbox();
    app.MapComponents();
    app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
    app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous();
    app.Lifetime.ApplicationStarted.Register(() => hasStarted = true);

    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (!hasStarted && Startup.IsRefusal(exception))
{
    return Startup.Refuse(exception);
}

/// <summary>The program; tests start it through this type.</summary>
public partial class Program;
