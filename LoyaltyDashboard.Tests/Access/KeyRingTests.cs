using System.Net;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Access;

public sealed class KeyRingTests
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_stand_beside_the_database_for_the_owner_alone_and_a_cookie_outlives_a_restart()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        var path = database.Connection.DataSource;
        Cookie cookie;
        string directory;
        using (var before = DashboardApp.Start(databasePath: path))
        {
            cookie = await before.Services.SignInAsync();
            directory = before.Services.GetRequiredService<KeyDirectory>().Path;
            Assert.DoesNotContain(before.Warnings, line => line.Contains("unencrypted", StringComparison.Ordinal));
        }

        Assert.Equal(Path.ChangeExtension(path, null) + "-keys", directory);
        Assert.NotEmpty(Directory.GetFiles(directory, "*.xml"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
            foreach (var file in Directory.GetFiles(directory))
            {
                Assert.Equal(Owner, File.GetUnixFileMode(file));
            }
        }

        using var after = DashboardApp.Start(databasePath: path);
        using var client = after.ClientOf(cookie);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/imports", Stop)).StatusCode);
    }

    [Fact]
    public async Task Keys_are_in_no_log_at_any_level()
    {
        var log = new LogLines<KeyRingTests>();
        string[] categories = ["Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.DataProtection"];
        using var app = DashboardApp.Start(
            settings: categories.ToDictionary(category => $"Logging:LogLevel:{category}", _ => (string?)"Trace"), services: services => services.AddLogging(logging => logging.AddProvider(new Everything(log))));
        await app.Services.SignInAsync();
        var text = string.Join('\n', Directory.GetFiles(app.Services.GetRequiredService<KeyDirectory>().Path, "*.xml").Select(File.ReadAllText));

        var secret = Assert.Single(Regex.Matches(text, "<value>([^<]+)</value>")).Groups[1].Value;

        // The key ring's own lines are among them.
        Assert.Contains(log.All, line => line.Level <= LogLevel.Debug && line.Text.Contains(".xml", StringComparison.Ordinal));
        Assert.DoesNotContain(log.All, line => line.Text.Contains(secret, StringComparison.Ordinal));
    }

    private sealed class Everything(ILogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
