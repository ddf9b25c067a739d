using System.Net;
using LoyaltyDashboard.Sandbox;
using Sylvan.Data.Csv;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxErrorFileTests : IDisposable
{
    private static readonly TimeSpan _longAgo = TimeSpan.FromHours(1);

    private readonly RunningSandbox _sandbox = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task File_has_a_row_for_each_row_that_failed_with_its_reason_and_some_that_did_not()
    {
        var link = await LinkAsync(_sandbox.Add(_longAgo));

        using var response = await _sandbox.Client.GetAsync(link, Stop);

        Assert.Equal((HttpStatusCode.OK, "text/csv"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        await using var csv = CsvDataReader.Create(new StreamReader(await response.Content.ReadAsStreamAsync(Stop)));
        Assert.Equal(["row", "email", "points", "status", "error reason"], csv.GetColumnSchema().Select(c => c.ColumnName));
        var rows = new List<(int Row, string Email, string Status, string Reason)>();
        while (await csv.ReadAsync(Stop))
        {
            rows.Add((csv.GetInt32(0), csv.GetString(1), csv.GetString(3), csv.GetString(4)));
        }

        Assert.Equal((20, 80), (rows.Count(r => r.Status == "FAILED"), rows.Count(r => r.Status == "IMPORTED")));
        Assert.All(rows, row => Assert.Equal(row.Status == "FAILED", row.Reason.Length > 0));
        Assert.InRange(rows.Select(r => r.Reason).Distinct().Count(), 3, 6);
        Assert.Equal(Enumerable.Range(2, 100), rows.Select(r => r.Row));
        Assert.All(rows, row => Assert.Matches(@"@example\.(com|org)$", row.Email));
    }

    [Fact]
    public async Task File_is_the_same_each_time()
    {
        var import = _sandbox.Add(_longAgo);

        Assert.Equal(await _sandbox.Client.GetStringAsync(await LinkAsync(import), Stop), await _sandbox.Client.GetStringAsync(await LinkAsync(import), Stop));
    }

    [Fact]
    public async Task Link_leads_to_this_host_ends_in_csv_and_lives_five_minutes()
    {
        var link = await LinkAsync(_sandbox.Add(_longAgo));

        Assert.StartsWith($"{_sandbox.Client.BaseAddress}sandbox/wix/files/", link);
        Assert.EndsWith(".csv", link);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.Client.GetAsync(link, Stop)).StatusCode);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Forbidden, (await _sandbox.Client.GetAsync(link, Stop)).StatusCode);
    }

    [Fact]
    public async Task Link_that_was_changed_opens_nothing()
    {
        SandboxImport import = _sandbox.Add(_longAgo), other = _sandbox.Add(_longAgo);
        var link = await LinkAsync(import);
        var parts = link.Split('/');

        Assert.Equal(HttpStatusCode.Forbidden, (await _sandbox.Client.GetAsync(link.Replace(import.Id, other.Id, StringComparison.Ordinal), Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _sandbox.Client.GetAsync(link.Replace(parts[^3], "99999999999", StringComparison.Ordinal), Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _sandbox.Client.GetAsync(link.Replace(parts[^2], new string('0', 64), StringComparison.Ordinal), Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.Client.GetAsync(link, Stop)).StatusCode);
        Assert.DoesNotContain(_sandbox.Log.Entries, entry => entry.ToString().Contains(parts[^2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_without_an_error_file_has_no_link()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(_sandbox.Add().Id)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(_sandbox.Add(_longAgo, failures: 0).Id)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(Guid.NewGuid().ToString())).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync("x")).StatusCode);
    }

    private Task<HttpResponseMessage> AskAsync(string id) => _sandbox.SendAsync(HttpMethod.Get, $"{RunningSandbox.Imports}/error-file-download-url?loyaltyImportId={id}");

    private async Task<string> LinkAsync(SandboxImport import)
    {
        using var response = await AskAsync(import.Id);
        return (string)(await RunningSandbox.JsonAsync(response))["url"]!;
    }
}
