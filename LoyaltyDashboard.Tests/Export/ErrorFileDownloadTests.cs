using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Export;

public sealed class ErrorFileDownloadTests
{
    private const string Route = "/api/imports/error-file";
    private const string Csv = "email,reason\r\nann@example.com,No such contact\r\n";

    private static readonly GivenImport _import = new() { Id = "a/b c", FileName = "spring \"members\".csv", Header = ["name", "email", "points"], ErrorFile = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_is_passed_on_as_an_attachment_that_nobody_keeps()
    {
        (string, string)? asked = null;
        using var app = await StartAsync(_import, (site, import) =>
        {
            asked = (site, import);
            return new MemoryStream(Encoding.UTF8.GetBytes(Csv));
        });

        var answer = await app.Client.GetAsync(Route + "?id=a%2Fb%20c", Stop);

        Assert.Equal((HttpStatusCode.OK, "text/csv"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.Equal("spring _members_ errors.csv", answer.Content.Headers.ContentDisposition!.FileNameStar);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition.DispositionType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal(Csv, await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal((WixWebhook.Site, "a/b c"), asked);
    }

    [Fact]
    public async Task File_of_a_reader_who_sees_masks_has_the_reasons_and_no_row()
    {
        const string rows = "name;email;points;error reason\r\nAnn Lee;ann@example.com;120;Invalid e-mail ann@example.com\r\n=1+1;bob;5;\"\"\"Bob\"\" is no number\"\r\n";
        using var app = await StartAsync(_import, (_, _) => new MemoryStream(Encoding.UTF8.GetBytes(rows)));
        using var viewer = app.ClientOf(await app.Services.SignInAsync(Role.Viewer));

        var answer = await viewer.GetAsync(Route + "?id=a%2Fb%20c", Stop);

        Assert.Equal("name,email,points,error reason\r\nXxx Xxx,a•••@e•••.com,000,Invalid e-mail a•••@e•••.com\r\n\"'=0+0\",xxx,0,\"\"\"Xxx\"\" is no number\"\r\n", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task Rows_of_who_was_forgotten_are_in_nobodys_file()
    {
        const string rows = "name;email;reason\r\nAnn;Ann@example.com;No such contact\r\nBob;bob@example.com;\"No; \"\"never\"\"\"\r\nCyd;cyd@example.com;Same as <ann@example.com>\r\n";
        using var app = await StartAsync(_import, (_, _) => new MemoryStream(Encoding.UTF8.GetBytes(rows)));
        using var viewer = app.ClientOf(await app.Services.SignInAsync(Role.Viewer));
        Assert.Equal(rows, await app.Client.GetStringAsync(Route + "?id=a%2Fb%20c", Stop));

        app.Services.GetRequiredService<Forgotten>().Add("ann@example.com", DateTimeOffset.UnixEpoch);

        Assert.Equal("name,email,reason\r\nBob,bob@example.com,\"No; \"\"never\"\"\"\r\n", await app.Client.GetStringAsync(Route + "?id=a%2Fb%20c", Stop));
        Assert.DoesNotContain("a•••", await viewer.GetStringAsync(Route + "?id=a%2Fb%20c", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_line_that_is_data_names_no_column_of_reasons()
    {
        using var app = await StartAsync(_import, (_, _) => new MemoryStream("reason@example.com,Ann\nbob@example.com,Bob\n"u8.ToArray()));
        using var viewer = app.ClientOf(await app.Services.SignInAsync(Role.Viewer));

        Assert.Equal("r•••@e•••.com,Xxx\r\nb•••@e•••.com,Xxx\r\n", await viewer.GetStringAsync(Route + "?id=a%2Fb%20c", Stop));
    }

    [Fact]
    public async Task Quote_that_is_never_closed_is_a_problem_and_no_file()
    {
        using var app = await StartAsync(_import, (_, _) => new MemoryStream(Encoding.UTF8.GetBytes("email,reason\n\"" + new string('x', 2_000_000))));
        using var viewer = app.ClientOf(await app.Services.SignInAsync(Role.Viewer));

        await AssertProblemAsync(await viewer.GetAsync(Route + "?id=a%2Fb%20c", Stop), 502);
    }

    [Fact]
    public async Task Import_of_another_site_is_not_found()
    {
        using var app = await StartAsync(_import, (_, _) => new MemoryStream());
        using var other = app.ClientOf(await app.Services.SignInAsync(Role.Administrator, ["f1a2b3c4-0001-4002-8003-000000000009"]));

        await AssertProblemAsync(await other.GetAsync(Route + "?id=a%2Fb%20c", Stop), 404);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("?id=", 400)]
    [InlineData("?id=nobody", 404)]
    public async Task Id_that_is_missing_or_unknown_is_a_problem(string query, int status)
    {
        using var app = await StartAsync(_import, (_, _) => new MemoryStream());

        await AssertProblemAsync(await app.Client.GetAsync(Route + query, Stop), status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task Import_without_an_error_file_is_not_found(bool? exists)
    {
        using var app = await StartAsync(_import with { ErrorFile = exists }, (_, _) => new MemoryStream());

        Assert.Equal("Wix has told of no error file of this import.", await AssertProblemAsync(await GetAsync(app), 404));
    }

    [Theory]
    [InlineData(ErrorFileFault.NoSecret, 409)]
    [InlineData(ErrorFileFault.Missing, 404)]
    [InlineData(ErrorFileFault.Refused, 502)]
    [InlineData(ErrorFileFault.TooLarge, 502)]
    [InlineData(ErrorFileFault.Unreachable, 503)]
    [InlineData(ErrorFileFault.TooSlow, 504)]
    public async Task Fault_before_the_file_begins_is_a_problem_in_plain_words(ErrorFileFault fault, int status)
    {
        using var app = await StartAsync(_import, (_, _) => throw new ErrorFileException(fault, "A plain sentence."));

        var answer = await GetAsync(app);

        Assert.Equal("A plain sentence.", await AssertProblemAsync(answer, status));
        Assert.Null(answer.Content.Headers.ContentDisposition);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Fault_at_the_first_byte_is_a_problem_too()
    {
        using var app = await StartAsync(_import, (_, _) => new Breaking([], Task.CompletedTask));

        var answer = await GetAsync(app);

        await AssertProblemAsync(answer, 502);
        Assert.Null(answer.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task Wait_that_Wix_asks_for_is_passed_on()
    {
        using var app = await StartAsync(_import, (_, _) => throw new ErrorFileException(ErrorFileFault.Unreachable, "Too many requests.") { RetryAfter = TimeSpan.FromSeconds(6.2) });

        Assert.Equal(TimeSpan.FromSeconds(7), (await GetAsync(app)).Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Fault_in_the_middle_aborts_so_that_half_a_file_is_not_taken_for_a_whole()
    {
        var hasBegun = new TaskCompletionSource();
        using var app = await StartAsync(_import, (_, _) => new Breaking(new byte[300_000], hasBegun.Task));

        using var answer = await app.Client.GetAsync(Route + "?id=a%2Fb%20c", HttpCompletionOption.ResponseHeadersRead, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        hasBegun.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(async () => await (await answer.Content.ReadAsStreamAsync(Stop)).CopyToAsync(Stream.Null, Stop));
    }

    [Fact]
    public async Task Without_an_app_secret_the_program_says_so()
    {
        using var app = DashboardApp.Start();
        Assert.Equal(HttpStatusCode.OK, (await app.PostAsync(_import.ToWebhook())).StatusCode);

        var answer = await app.Client.GetAsync(Route + "?id=a%2Fb%20c", Stop);

        Assert.Equal("No app secret is set, so Wix cannot be asked for the error file. Set Wix:AppId and Wix:AppSecret.", await AssertProblemAsync(answer, 409));
        Assert.Empty(app.Warnings);
    }

    [Theory]
    [InlineData("members.csv", "members errors.csv")]
    [InlineData("MEMBERS.CSV", "MEMBERS errors.csv")]
    [InlineData("members.xlsx", "members.xlsx errors.csv")]
    [InlineData("../../etc/passwd", "_.._etc_passwd errors.csv")]
    [InlineData("Mitglieder für Zoë (2).csv", "Mitglieder für Zoë (2) errors.csv")]
    [InlineData("a\r\nX-Evil: 1\u202Egnp.csv", "a__X-Evil_ 1_gnp errors.csv")]
    [InlineData("會員😀.csv", "會員_ errors.csv")]
    [InlineData(" .csv", "import errors.csv")]
    [InlineData("", "import errors.csv")]
    [InlineData(null, "import errors.csv")]
    public void Name_of_the_file_can_be_stored_anywhere(string? name, string expected) => Assert.Equal(expected, ErrorFileDownload.FileName(name));

    [Fact]
    public void Long_name_is_cut() => Assert.Equal(new string('n', 100) + " errors.csv", ErrorFileDownload.FileName(new string('n', 500)));

    // A program whose Wix gives this file.
    private static async Task<DashboardApp> StartAsync(GivenImport import, Func<string, string, Stream> open)
    {
        var app = DashboardApp.Start(services: services => services.AddSingleton(new ErrorFiles((site, id, _) => Task.FromResult(new Uri($"https://files.example/{Uri.EscapeDataString(site)}/{Uri.EscapeDataString(id)}")), (link, _) =>
        {
            var parts = link.AbsolutePath.Split('/').Select(Uri.UnescapeDataString).ToArray();
            return Task.FromResult(open(parts[1], parts[2]));
        }, canOpen: true)));
        Assert.Equal(HttpStatusCode.OK, (await app.PostAsync(import.ToWebhook())).StatusCode);
        return app;
    }

    private static Task<HttpResponseMessage> GetAsync(DashboardApp app) => app.Client.GetAsync(Route + "?id=a%2Fb%20c", Stop);

    private static async Task<string?> AssertProblemAsync(HttpResponseMessage answer, int status)
    {
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["detail"]?.GetValue<string>();
    }

    /// <summary>Breaks where the bytes end, once it is told to.</summary>
    private sealed class Breaking(byte[] bytes, Task told) : MemoryStream(bytes)
    {
        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
            await told.WaitAsync(cancellationToken);
            throw new ErrorFileException(ErrorFileFault.TooLarge, "Too large.");
        }
    }
}
