using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests;

/// <summary>The program as a process of its own, started so that it must refuse: it says why in one line and ends.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Without_a_key_it_does_not_start() => await RefusesAsync("LoyaltyDashboard does not start: Wix:PublicKeys is missing, so no webhook could be verified. ");

    [Fact]
    public async Task With_a_private_key_it_does_not_start()
    {
        using var key = RSA.Create(2048);

        await RefusesAsync("LoyaltyDashboard does not start: Wix:PublicKeys:0 is a private key: ", "--Wix:PublicKeys:0=" + key.ExportPkcs8PrivateKeyPem());
    }

    [Fact]
    public async Task With_the_sandbox_in_Production_it_does_not_start() =>
        await RefusesAsync("LoyaltyDashboard does not start: Sandbox:Enabled is true in the Production environment, ", "--Sandbox:Enabled=true");

    [Fact]
    public async Task By_plain_http_that_others_reach_it_does_not_start()
    {
        using var key = RSA.Create(2048);

        await RefusesAsync("LoyaltyDashboard does not start: It was told to listen on http://0.0.0.0:0, which others can reach, by plain http: ", "--Wix:PublicKeys:0=" + key.ExportSubjectPublicKeyInfoPem(), "--urls=http://0.0.0.0:0");
    }

    [Fact]
    public async Task With_a_proxy_that_is_none_it_does_not_start()
    {
        using var key = RSA.Create(2048);

        await RefusesAsync("LoyaltyDashboard does not start: Access:Proxies:0 is \"nginx\", which is neither an IP address nor a network. Good ones are ", "--Wix:PublicKeys:0=" + key.ExportSubjectPublicKeyInfoPem(), "--Access:Proxies:0=nginx");
    }

    [Fact]
    public async Task On_an_address_that_is_taken_it_does_not_start()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await RefusesAsync(
            $"LoyaltyDashboard does not start: Failed to bind to address http://{taken.LocalEndpoint}: address already in use. Choose another with --urls or ASPNETCORE_URLS, ",
            "--environment=Staging", "--Sandbox:Enabled=true", $"--urls=http://{taken.LocalEndpoint}");
    }

    [Fact]
    public async Task With_a_database_in_memory_it_does_not_start()
    {
        using var key = RSA.Create(2048);

        await RefusesAsync("LoyaltyDashboard does not start: ConnectionStrings:Dashboard names no file, ", "--Wix:PublicKeys:0=" + key.ExportSubjectPublicKeyInfoPem(), "--ConnectionStrings:Dashboard=Data Source=:memory:");
    }

    [Fact]
    public async Task With_a_database_of_a_newer_version_it_does_not_start()
    {
        using var key = RSA.Create(2048);
        using var database = await TempDatabase.CreateAsync(Stop);
        database.Execute("INSERT INTO __EFMigrationsHistory VALUES ('20990101000000_Later', '20.0.0')");

        await RefusesAsync(
            $"LoyaltyDashboard does not start: The database {database.Connection.DataSource} was written by a newer version of LoyaltyDashboard ",
            "--Wix:PublicKeys:0=" + key.ExportSubjectPublicKeyInfoPem(), "--urls=http://127.0.0.1:0", $"--ConnectionStrings:Dashboard=Data Source={database.Connection.DataSource}");
    }

    [Fact]
    public async Task Command_of_the_program_writes_to_the_console()
    {
        var (exitCode, _, error) = await RunAsync("send", "--url", "http://localhost:1/", "--key", "missing.pem");

        Assert.Equal(2, exitCode);
        Assert.StartsWith("send: ", error);
    }

    private async Task RefusesAsync(string beginning, params string[] args)
    {
        var (exitCode, output, error) = await RunAsync(["--contentRoot", _directory.FullName, .. args]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith(beginning, error);
        Assert.DoesNotContain("   at ", error);
        Assert.DoesNotContain("   at ", output);
        Assert.DoesNotContain("crit: ", output);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "LoyaltyDashboard.dll"), .. args])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment.Remove("ASPNETCORE_URLS");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Stop);
        var error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output, error);
    }
}
