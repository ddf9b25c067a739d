using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Commands;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Commands;

public sealed class SendCommandTests(SendCommandTests.Receiver receiver) : IClassFixture<SendCommandTests.Receiver>, IDisposable
{
    private readonly DashboardApp _app = receiver.App;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Door => new Uri(_app.Client.BaseAddress!, "/webhooks/wix").ToString();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Webhooks_with_the_right_key_are_all_stored_and_summed_up()
    {
        var ids = Path.Combine(_directory.FullName, "ids.txt");

        var exitCode = await SendAsync("--key", KeyFile(_app.Key.ExportPkcs8PrivateKeyPem()), "--count", "25", "--rate", "0", "--scenario", "parsed", "--ids", ids);

        Assert.Equal((0, string.Empty), (exitCode, _error.ToString()));
        Assert.Matches(@"^Sent 25 in \d+\.\d s \([\d,]+ a second\)\n200: 25\np50 \d+\.\d ms, p95 \d+\.\d ms, p99 \d+\.\d ms\n$", _output.ToString());
        var lines = await File.ReadAllLinesAsync(ids, Stop);
        Assert.Equal(25, lines.Length);
        Assert.All(lines, line => Assert.Equal(line.Split(' ')[0], _app.Imports.FindAsync(Reader.System, line.Split(' ')[1], Stop).Result!.Event!.Id));
    }

    [Fact]
    public async Task Mix_of_scenarios_is_sent_at_a_rate()
    {
        var before = await _app.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop);

        Assert.Equal(0, await SendAsync("--key", KeyFile(_app.Key.ExportRSAPrivateKeyPem()), "--count", "5", "--rate", "1000", "--connections", "1"));

        Assert.Equal(before + 5, await _app.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop));
    }

    [Fact]
    public async Task Webhooks_with_another_key_are_counted_by_answer_and_the_exit_code_tells()
    {
        using var stranger = RSA.Create(2048);

        var exitCode = await SendAsync("--key", KeyFile(stranger.ExportPkcs8PrivateKeyPem()), "--count", "3", "--rate", "0");

        Assert.Equal(1, exitCode);
        Assert.Contains("200: 0, 401: 3", _output.ToString());
    }

    [Fact]
    public async Task Door_that_does_not_answer_is_counted()
    {
        // Taken, so that nobody else gets it, and not listened on.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var door = $"http://{taken.LocalEndPoint}/webhooks/wix";

        var exitCode = await RunAsync("send", "--url", door, "--key", KeyFile(_app.Key.ExportPkcs8PrivateKeyPem()), "--count", "2", "--rate", "0");

        Assert.Equal(1, exitCode);
        Assert.Contains("200: 0, no answer: 2", _output.ToString());
    }

    [Fact]
    public async Task Unknown_scenario_is_refused_and_the_known_are_named()
    {
        Assert.Equal(2, await SendAsync("--key", KeyFile(_app.Key.ExportPkcs8PrivateKeyPem()), "--scenario", "nonsense"));

        Assert.StartsWith("send: there is no scenario 'nonsense'. There are: initiated, parsing, parsed, ", _error.ToString());
        Assert.Empty(_output.ToString());
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData(null)]
    [InlineData("public")]
    [InlineData("ec")]
    public async Task File_without_a_private_RSA_key_is_refused_with_the_way_to_make_one(string? content)
    {
        using var ec = ECDsa.Create();
        var text = content switch { "public" => _app.Key.ExportSubjectPublicKeyInfoPem(), "ec" => ec.ExportPkcs8PrivateKeyPem(), _ => content };
        var file = text is null ? Path.Combine(_directory.FullName, "missing.pem") : KeyFile(text);

        Assert.Equal(2, await SendAsync("--key", file));

        Assert.StartsWith($"send: {file} holds no private RSA key as PEM. ", _error.ToString());
        Assert.Contains("openssl genpkey -algorithm RSA", _error.ToString());
    }

    [Theory]
    [InlineData("--url", "ftp://localhost/")]
    [InlineData("--count", "0")]
    [InlineData("--rate", "-1")]
    [InlineData("--rate", "NaN")]
    [InlineData("--connections", "0")]
    public async Task Value_out_of_range_is_refused(string option, string value)
    {
        List<string> args = ["send", "--key", KeyFile(_app.Key.ExportPkcs8PrivateKeyPem()), option, value];
        if (option != "--url")
        {
            args.AddRange(["--url", Door]);
        }

        Assert.Equal(2, await RunAsync([.. args]));
        Assert.StartsWith("send: --url must be an http or https address", _error.ToString());
    }

    [Fact]
    public async Task Missing_option_is_told()
    {
        Assert.NotEqual(0, await RunAsync("send"));

        Assert.Contains("--url", _error.ToString());
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("send", "--help")]
    public async Task Help_is_given(params string[] args)
    {
        Assert.Equal(0, await RunAsync(args));

        Assert.Contains("send", _output.ToString());
    }

    [Theory]
    [InlineData]
    [InlineData("--urls", "http://localhost:5080")]
    [InlineData("--Sandbox:Enabled=true")]
    public void Other_arguments_start_the_dashboard(params string[] args) => Assert.Null(CommandLine.TryRun(args, Startup.Configure));

    [Fact]
    public async Task Mistyped_command_starts_nothing_and_is_named()
    {
        Assert.Equal(1, await RunAsync("sned", "--url", "x"));

        Assert.Contains("'sned'", _error.ToString(), StringComparison.Ordinal);
    }

    private Task<int> SendAsync(params string[] args) => RunAsync(["send", "--url", Door, .. args]);

    private Task<int> RunAsync(params string[] args) => CommandLine.TryRun(args, Startup.Configure, new InvocationConfiguration { Output = _output, Error = _error })!;

    private string KeyFile(string text)
    {
        var path = Path.Combine(_directory.FullName, "private.pem");
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The program that the webhooks are sent to.</summary>
    public sealed class Receiver : IDisposable
    {
        public DashboardApp App { get; } = DashboardApp.Start();

        public void Dispose() => ((IDisposable)App).Dispose();
    }
}
