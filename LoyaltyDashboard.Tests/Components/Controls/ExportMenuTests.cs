using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class ExportMenuTests : PageTests
{
    private static readonly ImportFilter _failedOnly = ImportFilter.Default with { Statuses = [ImportStatus.Failed] };
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _doneShownFor = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Menu_Opened_SaysHowManyRowsTheFileWillHold()
    {
        Store(Sample.Import with { Id = "1", Status = "FAILED" }, Sample.Import);
        var menu = Menu(out var states);

        var formats = await OpenMenuAsync(menu, ".menu");

        Assert.Equal(["CSV", "Excel", "JSON Lines"], formats.Select(Text));
        Popovers.WaitForState(() => Popovers.FindAll(".menu-note").Select(Text).SequenceEqual(["1 row, all pages"]));
        Assert.Equal([true], states);
    }

    [Fact]
    public async Task Menu_CountTakesLong_IsThereWithItsChoicesBefore()
    {
        Store(Sample.Import with { Status = "FAILED" });
        var held = HoldDatabase();
        var menu = Menu(out _);

        var formats = await OpenMenuAsync(menu, ".menu");

        Assert.Equal(["CSV", "Excel", "JSON Lines"], formats.Select(Text));
        Assert.Equal("Counting…", Text(Popovers.Find(".menu-note")));
        Assert.True(await held.IsAskedOffThePage);
        held.Gate.SetResult();
        Popovers.WaitForState(() => Text(Popovers.Find(".menu-note")) == "1 row, all pages");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Menu_FilterChangesWhileOpen_CountsWhatIsListedNow(bool isStillCounting)
    {
        Store(Sample.Import with { Id = "1", Status = "FAILED" }, Sample.Import);
        var held = HoldDatabase();
        var menu = Menu(out _);
        await OpenMenuAsync(menu, ".menu");
        await held.IsAskedOffThePage;
        if (!isStillCounting)
        {
            held.Gate.SetResult();
            Popovers.WaitForState(() => Text(Popovers.Find(".menu-note")) == "1 row, all pages");
        }

        menu.Render(p => p.Add(c => c.Filter, ImportFilter.Default));

        held.Gate.TrySetResult();
        Popovers.WaitForState(() => Text(Popovers.Find(".menu-note")) == "2 rows, all pages");
    }

    [Fact]
    public async Task Menu_DatabaseUnreadable_SaysThatItCouldNotCount()
    {
        var menu = Menu(out _);
        using var broken = BreakDatabase();

        await OpenMenuAsync(menu, ".menu");

        Popovers.WaitForState(() => Text(Popovers.Find(".menu-note")) == "The rows could not be counted");
    }

    [Theory]
    [InlineData(0, "csv")]
    [InlineData(1, "xlsx")]
    [InlineData(2, "jsonl")]
    public async Task Format_Chosen_DownloadsExactlyThisList(int choice, string format)
    {
        var (_, ticket, address) = await DownloadAsync(choice);

        Assert.Equal($"api/imports/export?format={format}&ticket={ticket.Id}&status=FAILED", address);
    }

    [Fact]
    public async Task Progress_LongDownload_IsToldUntilAfterTheEnd()
    {
        var (menu, ticket, _) = await DownloadAsync();
        Assert.Empty(menu.FindAll("[role=status]"));
        await HandOutAsync(ticket, 1_234);

        Clock.Advance(_tick);
        menu.WaitForState(() => Progress(menu) == "Exporting… 1,234 rows");

        ticket.End(isWhole: true);
        menu.WaitForState(() => Progress(menu) == "Exported 1,234 rows");

        await Clock.WaitBegunAsync(_doneShownFor);
        Clock.Advance(_doneShownFor);
        menu.WaitForState(() => Progress(menu) is null);
        Assert.Null(Tickets.Find(ticket.Id));
    }

    [Fact]
    public async Task Progress_ShortDownload_IsOnlyToldAsDone()
    {
        var (menu, ticket, _) = await DownloadAsync();
        await HandOutAsync(ticket, 1);

        ticket.End(isWhole: true);

        menu.WaitForState(() => Progress(menu) == "Exported 1 row");
    }

    [Fact]
    public async Task Progress_DownloadBrokeOff_SaysSo()
    {
        var (menu, ticket, _) = await DownloadAsync();

        ticket.End(isWhole: false);

        menu.WaitForState(() => Progress(menu) == "The export broke off");
    }

    [Fact]
    public async Task Progress_SecondDownload_HasTheWord()
    {
        var (menu, first, _) = await DownloadAsync();

        var (_, second, _) = await DownloadAsync(menu: menu);
        second.End(isWhole: true);

        menu.WaitForState(() => Progress(menu) == "Exported 0 rows");
        Assert.Null(Tickets.Find(first.Id));
    }

    [Fact]
    public async Task Dispose_DownloadUnderWay_ForgetsTheTicket()
    {
        var (_, ticket, _) = await DownloadAsync();

        await DisposeComponentsAsync();

        Assert.Null(Tickets.Find(ticket.Id));
        Assert.False(await ticket.Ended);
    }

    private static string? Progress(IRenderedComponent<ExportMenu> menu) => menu.FindAll("[role=status]").Select(Text).SingleOrDefault();

    private static async Task HandOutAsync(DownloadTicket ticket, int rows)
    {
        await foreach (var _ in ticket.CountAsync(new[] { rows - 1, 1 }.ToAsyncEnumerable(), piece => piece))
        {
        }
    }

    private HeldFactory HoldDatabase()
    {
        var held = new HeldFactory();
        Services.AddSingleton<IDbContextFactory<DashboardDb>>(services =>
        {
            held.Options = services.GetRequiredService<DbContextOptions<DashboardDb>>();
            return held;
        });
        return held;
    }

    private IRenderedComponent<ExportMenu> Menu(out List<bool> states)
    {
        var opened = states = [];
        _ = Popovers;
        return Render<ExportMenu>(p => p.Add(c => c.Filter, _failedOnly).Add(c => c.OnOpen, opened.Add));
    }

    private async Task<(IRenderedComponent<ExportMenu> Menu, DownloadTicket Ticket, string Address)> DownloadAsync(int choice = 0, IRenderedComponent<ExportMenu>? menu = null)
    {
        menu ??= Menu(out _);
        await OpenMenuAsync(menu, ".menu");

        // Found and clicked in one turn of the renderer: the count, which comes when it comes, draws the choices anew.
        await Popovers.InvokeAsync(() => Popovers.FindAll("[role=menuitem]")[choice].ClickAsync());
        await Clock.WaitBegunAsync(_tick);
        var address = (string)JSInterop.Invocations["dashboard.download"][^1].Arguments[0]!;
        return (menu, Tickets.Find(address.Split("ticket=")[1].Split('&')[0])!, address);
    }

    /// <summary>Gives no way to the database until the gate opens, and tells from where it was asked.</summary>
    private sealed class HeldFactory : IDbContextFactory<DashboardDb>
    {
        private readonly TaskCompletionSource<bool> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DbContextOptions<DashboardDb> Options { get; set; } = null!;

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether it was asked on another thread than the page's.</summary>
        public Task<bool> IsAskedOffThePage => _asked.Task;

        public DashboardDb CreateDbContext() => throw new NotSupportedException();

        public async Task<DashboardDb> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult(SynchronizationContext.Current is null);
            await Gate.Task.WaitAsync(cancellationToken);
            return new DashboardDb(Options);
        }
    }
}
