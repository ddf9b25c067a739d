using System.Collections.Concurrent;
using System.Security.Cryptography;
using LoyaltyDashboard.Queries;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>The real program on a real Kestrel with a database file of its own, in Production, with a key made for the test.</summary>
public sealed class DashboardApp : WebApplicationFactory<Program>, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");
    private readonly Dictionary<string, string?> _settings;
    private readonly string _environment;
    private readonly TimeProvider? _time;
    private readonly Action<IServiceCollection>? _services;

    /// <summary>Prepares the program; <see cref="Start"/> starts it.</summary>
    public DashboardApp(TimeProvider? time = null, string environment = "Production", Dictionary<string, string?>? settings = null, string? databasePath = null, int port = 0, Action<IServiceCollection>? services = null)
    {
        (_time, _environment, _services) = (time, environment, services);
        DatabasePath = databasePath ?? Path.Combine(_directory.FullName, "data", "test.db");
        _settings = new(settings ?? [])
        {
            ["ConnectionStrings:Dashboard"] = $"Data Source={DatabasePath}",
        };
        foreach (var (key, value) in TestAccess.Settings)
        {
            _settings.TryAdd(key, value);
        }

        _settings.TryAdd("Wix:PublicKeys:0", Key.ExportSubjectPublicKeyInfoPem());
        // The address is a setting like any other. Told to the factory instead, it would be set while the program, on a thread of its own, may already listen.
        _settings.TryAdd(WebHostDefaults.ServerUrlsKey, $"http://127.0.0.1:{port}");
        UseKestrel();
    }

    public RSA Key { get; } = RSA.Create(2048);

    public string DatabasePath { get; }

    public ConcurrentQueue<string> Warnings { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public ImportQueries Imports => Services.GetRequiredService<ImportQueries>();

    public ImportStreams Streams => Services.GetRequiredService<ImportStreams>();

    public DeliveryQueries Deliveries => Services.GetRequiredService<DeliveryQueries>();

    public static DashboardApp Start(TimeProvider? time = null, string environment = "Production", Dictionary<string, string?>? settings = null, string? databasePath = null, int port = 0, Action<IServiceCollection>? services = null)
    {
        var app = new DashboardApp(time, environment, settings, databasePath, port, services);
        app.StartServer();
        app.Client = app.CreateClient();
        return app;
    }

    public Task<HttpResponseMessage> PostAsync(string body) => Client.PostAsync("/webhooks/wix", new StringContent(body));

    public Task<HttpResponseMessage> PostAsync(WixWebhook webhook) => PostAsync(webhook.Sign(Key));

    void IDisposable.Dispose()
    {
        Dispose();
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
        Key.Dispose();
    }

    /// <summary>Every client comes with the tests' key.</summary>
    protected override void ConfigureClient(HttpClient client)
    {
        base.ConfigureClient(client);
        client.WithKey();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(_environment);
        builder.UseSolutionRelativeContentRoot(".");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(new Collector(Warnings)));
        builder.ConfigureTestServices(services =>
        {
            // The link that it makes for the console would take the place of one that a test makes, at whatever moment it is done.
            services.Remove(services.Single(service => service.ImplementationType == typeof(Greeting)));
            if (_time is not null)
            {
                services.Replace(ServiceDescriptor.Singleton(_time));
            }

            _services?.Invoke(services);
        });
    }

    private sealed class Collector(ConcurrentQueue<string> warnings) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                warnings.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
            }
        }

        public void Dispose()
        {
        }
    }
}
