using System.Net;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Export;

public sealed class AuditExportTests
{
    private const string Route = "/api/audit/export";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_kind_is_taken_or_left_out_and_the_export_itself_is_in_the_log()
    {
        using var app = DashboardApp.Start();
        var log = app.Services.GetRequiredService<AuditLog>();
        await log.AppendAsync(new("key:1", AuditAction.ReadClear, "import:one", "/api/imports/one"), Stop);
        await log.AppendAsync(new("user:1", AuditAction.Refresh, "import:two", "asked, \"now\""), Stop);

        Assert.Equal(["action|subject|detail", "read-clear|import:one|/api/imports/one"], await RowsAsync("?action=read-clear"));
        var rest = await RowsAsync("?action=-read-clear");

        Assert.Equal("export|audit log|csv ?action=-read-clear", rest[1]);
        Assert.Contains("refresh|import:two|asked, \"now\"", rest);
        Assert.DoesNotContain(rest, row => row.StartsWith("read-clear", StringComparison.Ordinal));

        async Task<IReadOnlyList<string>> RowsAsync(string query) => [.. Csv.Parse(await app.Client.GetStringAsync(Route + query, Stop)).Select(row => string.Join('|', row.Skip(4)))];
    }

    [Theory]
    [InlineData("?action=reading", "action must be one of sign-in,")]
    [InlineData("?action=-", "action must be one of sign-in,")]
    [InlineData("?action=--export", "action must be one of sign-in,")]
    [InlineData("?from=yesterday", "from must be an instant")]
    [InlineData("?to=32", "to must be an instant")]
    public async Task What_cannot_be_understood_is_named(string query, string fault)
    {
        using var app = DashboardApp.Start();

        var answer = await app.Client.GetAsync(Route + query, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(fault, await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }
}
