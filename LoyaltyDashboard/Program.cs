using LoyaltyDashboard.Api;
using LoyaltyDashboard.Components;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Webhooks;
using LoyaltyDashboard.Wix;

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddSingleton(TimeProvider.System);
builder.AddStorage();
builder.AddWix();
builder.AddLive();
builder.AddIngest();
builder.AddQueries();
builder.AddSandbox();
builder.AddWebhooks();
builder.AddApi();
builder.AddExport();
builder.AddComponents();

var app = builder.Build();

app.MapWebhooks();
app.MapApi();
app.MapExport();
app.MapLive();
app.MapSandbox();
app.MapComponents();

await app.RunAsync();

/// <summary>The program; tests start it through this type.</summary>
public partial class Program;
