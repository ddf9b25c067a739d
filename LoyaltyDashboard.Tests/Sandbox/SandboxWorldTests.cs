using System.Net;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxWorldTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");
    private readonly ImportInventor _inventor = new(4);

    private string Database => Path.Combine(_directory.FullName, "sandbox.db");

    private string Lines => Path.Combine(_directory.FullName, "sandbox-wix.jsonl");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void World_read_again_has_the_same_imports_that_go_the_same_way()
    {
        var (world, _) = Open();
        var imports = ScenarioCatalog.All.Where(s => s.IsImport).Select(s => world.Add(_inventor.Create(s, _now))).ToList();

        var (again, log) = Open();

        Assert.All(imports, import => Assert.All([0, 4, 30, 60, 100, 4_000, 100_000], seconds => Assert.Equivalent(
            import.At(_now.AddSeconds(seconds)), again.Find(import.InstanceId, import.Id)!.At(_now.AddSeconds(seconds)), strict: true)));
        Assert.Equal(imports.Count, again.Sites.Sum(site => again.Imports(site.InstanceId).Count));
        Assert.Empty(log.All);
    }

    [Fact]
    public async Task Restarted_program_still_knows_an_import_that_was_not_finished()
    {
        string id;
        using (var before = new RunningSandbox(null, Database))
        {
            id = before.Add().Id;
        }

        SqliteConnection.ClearAllPools();
        using var after = new RunningSandbox(null, Database);
        after.Time.Advance(TimeSpan.FromSeconds(6));
        using var response = await after.GetAsync(id);
        Assert.Equal((HttpStatusCode.OK, "PARSED"), (response.StatusCode, (string?)(await RunningSandbox.JsonAsync(response))["loyaltyImport"]?["status"]));
    }

    [Fact]
    public void File_is_for_its_owner_alone()
    {
        Open().World.Add(Create());

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Lines) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"scenario":"imported","instanceId":"x","created":{"id":"i"},"plan":{},"pace":{}}""")]
    public void Broken_line_is_skipped_with_a_warning_once(string line)
    {
        var first = Open().World.Add(Create());
        File.AppendAllText(Lines, line + "\n");
        var second = Create();
        File.AppendAllText(Lines, LineOf(second));

        var (world, log) = Open();

        Assert.NotNull(world.Find(first.InstanceId, first.Id));
        Assert.NotNull(world.Find(second.InstanceId, second.Id));
        Assert.Equal([(LogLevel.Warning, $"Line 2 of {Lines} holds no import of the sandbox and is skipped")], log.All);
        Assert.Empty(Open().Log.All);
    }

    [Fact]
    public void Line_that_would_make_a_broken_import_is_skipped()
    {
        Open().World.Add(Create());
        var line = File.ReadAllText(Lines);
        foreach (var (from, to) in ((string, string)[])[("INITIATED", "PARSED"), ("\"revision\":\"1\"", "\"revision\":\"x\""), ("\"toParsing\":\"", "\"toParsing\":\"-"), ("\"rows\":", "\"rows\":-")])
        {
            Assert.Contains(from, line);
            File.WriteAllText(Lines, line.Replace(from, to, StringComparison.Ordinal));

            Assert.Single(Open().Log.All);
        }
    }

    [Fact]
    public void Half_a_line_of_a_killed_process_costs_that_import_and_no_other()
    {
        Open().World.Add(Create());
        File.AppendAllText(Lines, LineOf(Create())[..40]);

        var third = Open().World.Add(Create());

        Assert.NotNull(Open().World.Find(third.InstanceId, third.Id));
    }

    [Fact]
    public void Start_keeps_the_newest_2000()
    {
        var (world, _) = Open();
        var imports = Enumerable.Range(0, 2_003).Select(_ => world.Add(Create())).ToList();

        var (again, _) = Open();

        Assert.Equal(imports.Skip(3).Select(i => i.Id).Order(), again.Sites.SelectMany(site => again.Imports(site.InstanceId)).Select(i => i.Id).Order());
        Assert.Equal(2_000, File.ReadAllLines(Lines).Length);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Lines) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void File_that_cannot_be_written_costs_a_warning_and_no_import()
    {
        Directory.CreateDirectory(Lines);
        var (world, log) = Open();

        var import = world.Add(Create());

        Assert.Same(import, world.Find(import.InstanceId, import.Id));
        Assert.StartsWith("The sandbox will forget an import at the next start: ", Assert.Single(log.All).Text);
    }

    [Fact]
    public void Import_that_is_known_stays_as_it_is()
    {
        var (world, _) = Open();
        var import = world.Add(Create());

        Assert.Same(import, world.Add(import.CreatedOn(_now.AddDays(1))));
        Assert.Single(File.ReadAllLines(Lines));
    }

    [Fact]
    public void Api_that_is_configured_elsewhere_is_left_alone()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new()
        {
            ["Sandbox:Enabled"] = "true",
            ["Sandbox:StartWith"] = "0",
            ["Sandbox:IntervalSeconds"] = "0",
            ["Wix:ApiBaseUrl"] = "https://wix.invalid",
        });
        var configuration = app.Services.GetRequiredService<IConfiguration>();

        Assert.Equal(("https://wix.invalid", null, null), (configuration["Wix:ApiBaseUrl"], configuration["Wix:AppId"], configuration["Wix:AppSecret"]));
        Assert.Null(app.Services.GetService<SandboxRoute>());
    }

    [Fact]
    public async Task Sandbox_that_is_off_has_no_paths()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "false" });

        using var response = await app.Client.PostAsync("/sandbox/wix/oauth2/token", new StringContent("{}"), Stop);

        Assert.NotEqual("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest, $"{response.StatusCode}");
    }

    private SandboxImport Create() => _inventor.Create(_inventor.Choose(), _now);

    private string LineOf(SandboxImport import)
    {
        var elsewhere = new SqliteConnectionStringBuilder { DataSource = Path.Combine(_directory.FullName, import.Id + ".db") };
        var file = new SandboxWorldFile(elsewhere, new LogLines<SandboxWorldFile>());
        file.Append(import);
        return File.ReadAllText(file.FilePath);
    }

    private (SandboxWorld World, LogLines<SandboxWorldFile> Log) Open()
    {
        var log = new LogLines<SandboxWorldFile>();
        return (new(new(new SqliteConnectionStringBuilder { DataSource = Database }, log)), log);
    }
}
