using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>160 imports of every kind in one program, and the same as plain values. Nothing here changes after the start.</summary>
public sealed class ManyImports : IAsyncLifetime
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static readonly string[] Sites = ["f1a2b3c4-0001-4002-8003-000000000001", "f1a2b3c4-0001-4002-8003-000000000002", "F1A2B3C4-UPPER", "site without a name", "sixteen letters!"];

    private static readonly string?[] _siteNames = ["Rosa's Café", "ΟΔΟΣ Ταχύ", "blue_yoga 100%", null, "Zoo"];
    private static readonly string?[] _fileNames = [null, "members.csv", "Members.csv", "100%_done.csv", "strasse ＳＴＲＡＳＳＥ.csv", "ΟΔΟΣ.csv", "клиенты.csv", "😀.csv", "\uFF21.csv", "a", "", "Ünïted.csv", "0.csv"];
    private static readonly string?[] _statuses = [null, "UNKNOWN", "CANCELLED", "imported", "INITIATED", "PARSING", "PARSED", "IMPORTING", "IMPORTED", "IMPORTED", "IMPORTED", "FAILED"];
    private static readonly long?[] _counts = [null, null, 0, 1, 5, 5, 120, 3_000_000_000];

    public DashboardApp App { get; } = DashboardApp.Start(new FakeTimeProvider(Now));

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<GivenImport> All { get; } = Invent(new Random(20261124));

    public static string? SiteName(GivenImport import) => import.InstanceId is { } id ? _siteNames[Array.IndexOf(Sites, id)] : null;

    public async ValueTask InitializeAsync()
    {
        var queue = App.Services.GetRequiredService<IngestQueue>();
        for (var i = 0; i < Sites.Length; i++)
        {
            if (_siteNames[i] is { } name)
            {
                await queue.EnqueueAsync(NamedSite.Answer(Sites[i], name), CancellationToken.None);
            }
        }

        var results = await Task.WhenAll(All.Select(import => queue.EnqueueAsync(import.ToDelivery(), CancellationToken.None)));
        Assert.All(results, result => Assert.Equal(DeliveryOutcome.Stored, result.Outcome));
    }

    public ValueTask DisposeAsync()
    {
        ((IDisposable)App).Dispose();
        return ValueTask.CompletedTask;
    }

    private static List<GivenImport> Invent(Random random)
    {
        T Pick<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];
        DateTimeOffset? Date() => Pick<DateTimeOffset?>(null, Now.AddTicks(-7), Now.AddDays(-random.Next(4)), Now.AddMinutes(-random.Next(10_000)));
        return [.. Enumerable.Range(0, 160).Select(number =>
        {
            var kind = random.Next(4);
            return new GivenImport
            {
                Id = Pick($"import {number}", $"00000000-0000-4000-8000-{number:D12}", $"ÏD/{number}%"),
                JobId = Pick<string?>(null, $"job-{number}"),
                InstanceId = Pick<string?>([null, .. Sites]),
                // Few different moments, so that there are ties.
                Arrived = Now.AddHours(-3 * random.Next(16)) - TimeSpan.FromTicks(random.Next(2)),
                Status = Pick<string?>(_statuses),
                Revision = Pick<string?>(null, "1", "2"),
                Created = Date(),
                Updated = Date(),
                FileName = Pick<string?>(_fileNames),
                FileSize = Pick<long?>(_counts),
                // Verdicts by kind: unknown, healthy, suspicious, broken.
                Header = kind == 0 ? Pick<string[]?>(null, ["Punkte", "E-Mail"]) : ["E-Mail", Pick("points", "ΠΌΝΤΟΙ")],
                Mapping = kind == 0 ? null : kind == 3 ? [("EMAIL", 0)] : [("EMAIL", 0), ("POINTS", 1)],
                Samples = kind == 2 ? [["a@b.co", "5"], ["c@d.co", "5.5"]] : [["a@b.co", "5"]],
                Rows = Pick<long?>(_counts),
                ErrorReason = Pick<string?>(null, null, "MISSING_COLUMN", "50% _bad_ rows"),
                Succeeded = Pick<long?>(_counts),
                Failed = Pick<long?>(_counts),
                ErrorFile = Pick<bool?>(null, true, false),
            };
        })];
    }
}
