using System.Net;
using System.Security.Cryptography;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Tests.Processes;

/// <summary>The process on a new database, until it is told to stop.</summary>
public sealed class FirstStartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-first-");
    private readonly RSA _key = RSA.Create(2048);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string DatabasePath => Path.Combine(_directory.FullName, "data", "first.db");

    public void Dispose()
    {
        _key.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Link_on_the_console_makes_the_administrator_and_the_stop_brings_the_log_home()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signal.");
        await using var dashboard = await StartAsync();
        var line = await dashboard.LineAsync("This link makes the first administrator", Stop);

        using var page = await dashboard.Client.GetAsync(new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]).PathAndQuery, Stop);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("name=\"password\"", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        await EndsAsync(dashboard);
        Assert.Equal(1L, Scalar("SELECT count(*) FROM one_time_links"));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM audit WHERE Action = 'link'"));
    }

    [Fact]
    public async Task Stop_in_the_first_moment_brings_the_log_home()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signal.");
        await using var dashboard = await StartAsync();

        await EndsAsync(dashboard);

        Assert.Equal(Scalar("SELECT count(*) FROM one_time_links"), Scalar("SELECT count(*) FROM audit WHERE Action = 'link'"));
    }

    private Task<DashboardProcess> StartAsync() => DashboardProcess.StartAsync(
        Path.Combine(AppContext.BaseDirectory, "LoyaltyDashboard.dll"), _directory.FullName,
        ("ConnectionStrings__Dashboard", $"Data Source={DatabasePath}"), ("Wix__PublicKeys__0", _key.ExportSubjectPublicKeyInfoPem()));

    // The last connection that closes takes the log with it.
    private async Task EndsAsync(DashboardProcess dashboard)
    {
        await DashboardProcess.SignalAsync(dashboard.Id, "TERM", Stop);
        Assert.Equal(0, await dashboard.WaitForExitAsync(Stop));
        Assert.False(File.Exists(DatabasePath + "-wal"), dashboard.Output);
    }

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
