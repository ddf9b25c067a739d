using LoyaltyDashboard.Access;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Tests.Ingest;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Following;

public sealed class StuckWatchTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private RunningWriter _writer = null!;
    private StuckWatch _watch = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _writer = await RunningWriter.StartAsync();
        _watch = new StuckWatch(_writer.Database.Contexts, _writer.Queue, _writer.Time, NullLogger<StuckWatch>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        await _writer.DisposeAsync();
    }

    [Fact]
    public async Task Import_seen_in_one_stage_for_longer_than_its_limit_is_marked_once()
    {
        // A file of no size may stay in PARSING for two minutes.
        await SeeAsync("a", "2", "PARSING", began: 0, seen: 10);
        await SeeAsync("a", "2", "PARSING", began: 0, seen: 121);

        Assert.Equal((1, 0), (await _watch.LookAsync(new([]), Stop), await _watch.LookAsync(new([]), Stop)));
        Assert.StartsWith("Longer in Parsing than 2 min", (await _writer.Queries.FindAsync(Reader.System, "a", Stop))!.Row.Follow.StuckReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PARSING", 119)]
    [InlineData("IMPORTING", 299)]
    [InlineData("PARSED", 100_000)]
    [InlineData("INITIATED", 100_000)]
    [InlineData("IMPORTED", 100_000)]
    public async Task Import_within_its_limit_or_in_no_such_stage_is_not_marked(string status, int seen)
    {
        await SeeAsync("a", "2", status, began: 0, seen);

        Assert.Equal(0, await _watch.LookAsync(new([]), Stop));
    }

    [Fact]
    public async Task Import_that_was_not_seen_for_long_is_old_news_and_not_stuck()
    {
        await SeeAsync("a", "2", "PARSING", began: 0, seen: 10);
        _writer.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, await _watch.LookAsync(new([]), Stop));
    }

    [Fact]
    public async Task Stage_is_counted_from_its_beginning_whatever_changed_within_it()
    {
        await SeeAsync("a", "4", "IMPORTING", began: 0, seen: 1);
        await SeeAsync("a", "5", "IMPORTING", began: 200, seen: 301);

        Assert.Equal(1, await _watch.LookAsync(new([]), Stop));
    }

    [Fact]
    public async Task Limits_are_learned_from_stages_whose_end_was_seen()
    {
        for (var i = 0; i < 20; i++)
        {
            await SeeAsync($"{i}", "2", "PARSING", began: 0, seen: 1);
            await SeeAsync($"{i}", "3", "PARSED", began: 600, seen: 601);
            await SeeAsync($"{i}", "4", "IMPORTING", began: 90_000, seen: 90_001);
            await SeeAsync($"{i}", "5", "IMPORTED", began: 90_100 + (100 * i), seen: 99_999);
        }

        var limits = await _watch.LearnAsync(Stop);

        Assert.Equal((TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(2 * 1_900)), (limits.Of(ImportStatus.Parsing, 0)!.Value.Limit, limits.Of(ImportStatus.Importing, 0)!.Value.Limit));
    }

    [Fact]
    public async Task Stage_whose_end_was_missed_teaches_nothing()
    {
        for (var i = 0; i < 20; i++)
        {
            // Between PARSING and IMPORTING somebody's time for Execute passed.
            await SeeAsync($"{i}", "2", "PARSING", began: 0, seen: 1);
            await SeeAsync($"{i}", "5", "IMPORTED", began: 90_000, seen: 90_001);
        }

        Assert.Contains("until 20", (await _watch.LearnAsync(Stop)).Of(ImportStatus.Parsing, 0)!.Value.Reason, StringComparison.Ordinal);
    }

    private Task<IngestResult> SeeAsync(string id, string revision, string status, int began, int seen) => _writer.WriteAsync(new SiteAnswer
    {
        InstanceId = WixWebhook.Site,
        At = _then.AddSeconds(seen),
        Link = SiteLink.Connected,
        Observations =
        [
            new ImportObservation
            {
                Import = new LoyaltyImport { Id = id, Revision = revision, Status = status, UpdatedDate = _then.AddSeconds(began), FileMetadata = new FileMetadata { Size = 0 } },
                Source = ObservationSource.Api,
                ObservedAt = _then.AddSeconds(seen),
                InstanceId = WixWebhook.Site,
            },
        ],
    });
}
