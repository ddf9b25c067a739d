using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxFilesTests
{
    [Theory]
    [InlineData("http://localhost:5080/sandbox/wix/files/1?token=a", true)]
    [InlineData("http://127.0.0.1:5080/sandbox/wix/files/1", true)]
    [InlineData("http://localhost:5080/sandbox/wix/../../api/imports", false)]
    [InlineData("http://localhost:5080/sandbox/wix/%2e%2e/%2e%2e/api/imports", false)]
    [InlineData("http://localhost:5080/api/imports", false)]
    [InlineData("http://localhost:5080/sandbox/wixes", false)]
    [InlineData("http://localhost:5081/sandbox/wix/files/1", false)]
    [InlineData("https://localhost:5080/sandbox/wix/files/1", false)]
    [InlineData("http://files.example:5080/sandbox/wix/files/1", false)]
    [InlineData("http://localhost.files.example:5080/sandbox/wix/files/1", false)]
    public void Link_below_the_programs_own_address_is_trusted_and_no_other(string link, bool isTrusted) =>
        Assert.Equal(isTrusted, SandboxFiles.Covers(["http://localhost:5080"], new(link)));

    [Fact]
    public void Link_is_not_trusted_before_the_server_has_an_address() => Assert.False(SandboxFiles.Covers([], new("http://localhost:5080/sandbox/wix/files/1")));

    [Fact]
    public void Program_trusts_its_own_files_while_the_sandbox_is_on()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "true", ["Sandbox:StartWith"] = "0", ["Sandbox:IntervalSeconds"] = "0" });

        Assert.True(app.Services.GetRequiredService<TrustedFiles>().Covers(new Uri(app.Client.BaseAddress!, "/sandbox/wix/files/1")));
    }

    [Fact]
    public void Program_trusts_nothing_without_the_sandbox()
    {
        using var app = DashboardApp.Start();

        Assert.Empty(app.Services.GetServices<TrustedFiles>());
    }
}
