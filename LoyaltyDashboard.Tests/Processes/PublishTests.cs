using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Processes;

public sealed class PublishTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Published_program_serves_everything_from_any_working_directory_in_Production()
    {
        var directory = Directory.CreateTempSubdirectory("loyalty-publish-");
        var (output, elsewhere) = (Path.Combine(directory.FullName, "out"), directory.CreateSubdirectory("elsewhere").FullName);
        await PublishAsync(output);
        using var key = RSA.Create(2048);

        await using (var process = await DashboardProcess.StartAsync(Path.Combine(output, "LoyaltyDashboard.dll"), elsewhere, ("Wix__PublicKeys__0", key.ExportSubjectPublicKeyInfoPem())))
        {
            using var webhook = await process.Client.PostAsync("/webhooks/wix", new StringContent(new WixWebhook().Sign(key)), Stop);
            Assert.Equal(HttpStatusCode.OK, webhook.StatusCode);
            var page = await process.Client.GetStringAsync("/", Stop);
            var files = Regex.Matches(page, "(?:href|src)=\"([^\"]+\\.(?:css|js|svg))\"").Select(m => m.Groups[1].Value).ToList();
            Assert.Contains(files, f => f.Contains("blazor.web", StringComparison.Ordinal));
            Assert.Contains(files, f => f.Contains("MudBlazor.min", StringComparison.Ordinal) && f.EndsWith(".css", StringComparison.Ordinal));
            foreach (var file in files.Append("fonts/inter-latin-wght-normal.woff2"))
            {
                var content = await process.Client.GetByteArrayAsync(file, Stop);
                Assert.True(content.Length > 100, $"{file} has {content.Length} bytes");
            }

            using var healthy = await process.Client.GetAsync("/health/ready", Stop);
            Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
            using var sandbox = await process.Client.GetAsync("/sandbox", Stop);
            Assert.Equal(HttpStatusCode.NotFound, sandbox.StatusCode);

            // The data stand beside the program, for its owner alone.
            Assert.True(File.Exists(Path.Combine(output, "data", "loyalty-dashboard.db")), process.Output);
        }

        directory.Delete(recursive: true);
    }

    private static async Task PublishAsync(string output)
    {
        var project = Path.Combine(RepositoryRoot(), "LoyaltyDashboard", "LoyaltyDashboard.csproj");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-o", output, "-nodeReuse:false", "-v", "quiet", "-nologo"]) { RedirectStandardOutput = true })!;
        var log = await publish.StandardOutput.ReadToEndAsync(Stop);
        await publish.WaitForExitAsync(Stop);
        Assert.True(publish.ExitCode == 0, log);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "LoyaltyDashboard.sln")))
        {
            directory = directory.Parent!;
        }

        return directory.FullName;
    }
}
