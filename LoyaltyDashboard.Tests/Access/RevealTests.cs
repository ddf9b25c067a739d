using System.Security.Claims;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>Personal data are shown for a reason, for a while, to one sign-in.</summary>
public sealed class RevealTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly DashboardApp _app;
    private readonly List<IServiceScope> _scopes = [];

    public RevealTests() => _app = DashboardApp.Start(_time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _scopes.ForEach(scope => scope.Dispose());
        ((IDisposable)_app).Dispose();
    }

    [Fact]
    public async Task Reason_is_audited_and_the_data_are_shown_on_each_page_of_the_sign_in_until_the_time_is_over()
    {
        var id = await _app.AddAsync("ann@example.com", Role.Operator);
        var session = await SessionAsync(id);
        var (page, reader) = Open(session);
        var (another, anothersReader) = Open(session);
        var (_, elsewhere) = Open(await SessionAsync(id));
        var heard = 0;
        another.Changed += () => heard++;

        Assert.Null(await page.BeginAsync(" asked by member@example.com ", Stop));

        Assert.True(reader.Now.SeesClear && anothersReader.Now.SeesClear && !elsewhere.Now.SeesClear);
        Assert.Equal(_time.GetUtcNow() + Reveals.Length, page.Until);
        Assert.Equal(1, heard);
        var line = _app.Audit(AuditAction.Reveal).Single();
        Assert.Equal($"user:{id}", line.Actor);
        Assert.Matches("^asked by hash:[0-9a-f]{8}$", line.Detail);

        _time.Advance(Reveals.Length - TimeSpan.FromSeconds(1));
        Assert.True(reader.Now.SeesClear);
        Assert.Equal(1, heard);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(reader.Now.SeesClear);
        Assert.Null(page.Until);
        Assert.Equal(2, heard);
    }

    [Fact]
    public async Task Hiding_ends_it_at_once_everywhere()
    {
        var session = await SessionAsync(await _app.AddAsync("ann@example.com", Role.Administrator));
        var (page, reader) = Open(session);
        var (another, _) = Open(session);
        await page.BeginAsync("a reason", Stop);

        another.End();

        Assert.False(reader.Now.SeesClear);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  x ")]
    public async Task Without_a_reason_nothing_is_shown(string reason)
    {
        var (page, reader) = Open(await SessionAsync(await _app.AddAsync("ann@example.com", Role.Operator)));

        Assert.NotNull(await page.BeginAsync(reason, Stop));
        Assert.NotNull(await page.BeginAsync(new string('x', 201), Stop));

        Assert.False(reader.Now.SeesClear);
        Assert.Empty(_app.Audit(AuditAction.Reveal));
    }

    [Fact]
    public async Task Viewers_and_those_who_lost_the_role_see_masks()
    {
        var (page, reader) = Open(await SessionAsync(await _app.AddAsync("ann@example.com", Role.Viewer)));
        Assert.False(page.MayReveal);
        await Assert.ThrowsAsync<AccessDeniedException>(() => page.BeginAsync("a reason", Stop));

        var (operators, operatorsReader) = Open(await SessionAsync(await _app.AddAsync("bea@example.com", Role.Operator)));
        await operators.BeginAsync("a reason", Stop);
        await _app.Services.ChangeAsync("bea@example.com", a => a.Role = Role.Viewer);

        Assert.False(reader.Now.SeesClear || operatorsReader.Now.SeesClear);
        Assert.Null(operators.Until);
    }

    private Task<string> SessionAsync(long id) => _app.Services.GetRequiredService<Sessions>().BeginAsync(id, Stop);

    // As a page of that sign-in has them.
    private (RevealService Reveal, CurrentReader Reader) Open(string session)
    {
        var scope = _app.Services.CreateScope();
        _scopes.Add(scope);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().User = new ClaimsPrincipal(new ClaimsIdentity([new(AccessClaims.Session, session)], "test"));
        return (scope.ServiceProvider.GetRequiredService<RevealService>(), scope.ServiceProvider.GetRequiredService<CurrentReader>());
    }
}
