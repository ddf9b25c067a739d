using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Sandbox;

/// <summary>Invents imports. The same seed invents the same ones. Everything in them is made up; addresses end in example domains.</summary>
public sealed class ImportInventor(int seed)
{
    /// <summary>The invented sites.</summary>
    public static IReadOnlyList<SandboxSite> Sites { get; } =
    [
        Site(1, "Rosa's Café", "rosas-cafe"), Site(2, "Blue Yoga", "blue-yoga"), Site(3, "日本のお茶", "nihon-tea"), Site(4, "Fahrrad Böttcher", "fahrrad-boettcher"),
        Site(5, "Nørrebro Bageri", "norrebro-bageri"), Site(6, "The Paper Fox", "paper-fox"), Site(7, "مخبز الشام", "sham-bakery"),
    ];

    private static readonly string[] _files = ["spring-members.csv", "points-2026.csv", "loyalty_export.csv", "customers.csv", "stempelkarte.csv", "club-balance.csv", "migration-batch-3.csv"];
    private static readonly string[][] _headers =
    [
        ["name", "surname", "email", "points"], ["E-Mail", "Vorname", "Nachname", "Punkte"], ["member_id", "email", "balance"], ["first", "last", "phone", "email", "points", "joined"],
    ];

    private static readonly string[] _reasons = ["MISSING_REQUIRED_COLUMN", "FILE_NOT_UTF8", "EMPTY_FILE", "TOO_MANY_COLUMNS"];
    private static readonly string[] _past = ["imported", "partial-failures", "failed-parsing", "imported"];

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    /// <summary>Invents what a scenario announces to a dashboard that does not ask further: the import is as far as its scenario's name says.</summary>
    /// <param name="scenario">Which.</param>
    /// <param name="now">When it is announced.</param>
    public SandboxEvent Invent(Scenario scenario, DateTimeOffset now)
    {
        if (!scenario.IsImport)
        {
            return InventOther(scenario);
        }

        var import = Create(scenario, now);
        var reached = import.Reaches(StatusOf(scenario.Name));
        lock (_gate)
        {
            import = import.CreatedOn(Milliseconds(now - (reached!.Value - import.CreatedAt) - TimeSpan.FromMilliseconds(_random.Next(500, 2_000))));
        }

        return Announce(import.At(now), Sites.First(site => site.InstanceId == import.InstanceId), now - TimeSpan.FromMilliseconds(400));
    }

    /// <summary>Invents an import and what will become of it.</summary>
    /// <param name="scenario">One that is an import.</param>
    /// <param name="created">When it was created.</param>
    /// <param name="among">The sites it may be of; null: all.</param>
    public SandboxImport Create(Scenario scenario, DateTimeOffset created, IReadOnlyList<SandboxSite>? among = null)
    {
        lock (_gate)
        {
            return InventImport(scenario.Name, (among ?? Sites)[_random.Next((among ?? Sites).Count)], created);
        }
    }

    /// <summary>Invents imports that a site has long finished.</summary>
    public IReadOnlyList<SandboxImport> CreatePast(SandboxSite site, DateTimeOffset now)
    {
        lock (_gate)
        {
            return [.. _past.Select(scenario => InventImport(scenario, site, now - TimeSpan.FromMinutes(_random.Next(24 * 60, 20 * 24 * 60))))];
        }
    }

    /// <summary>The webhook that announces an import.</summary>
    /// <param name="state">How the import looks.</param>
    /// <param name="site">Its site.</param>
    /// <param name="eventTime">When Wix raised the event.</param>
    public SandboxEvent Announce(LoyaltyImport state, SandboxSite site, DateTimeOffset eventTime)
    {
        lock (_gate)
        {
            return SandboxEvent.Created(state, NewId(), site, eventTime);
        }
    }

    /// <summary>An event that announces no import of the sandbox.</summary>
    /// <param name="scenario">Which.</param>
    /// <param name="among">The sites it may be of; null: all.</param>
    /// <exception cref="ArgumentException">The scenario is an import.</exception>
    public SandboxEvent InventOther(Scenario scenario, IReadOnlyList<SandboxSite>? among = null)
    {
        lock (_gate)
        {
            var site = (among ?? Sites)[_random.Next((among ?? Sites).Count)];
            return scenario.Name switch
            {
                "test-event" => SandboxEvent.WixTest(site),
                "app-removed" => SandboxEvent.AppRemoved(NewId(), site),
                "other-event" => SandboxEvent.AccountUpdated(NewId(), NewId(), site),
                "no-import" => SandboxEvent.WithoutImport(NewId(), site),
                _ => throw new ArgumentException($"'{scenario.Name}' is an import.", nameof(scenario)),
            };
        }
    }

    /// <summary>Whether the next webhook is lost on purpose: one in twelve.</summary>
    public bool LosesWebhook()
    {
        lock (_gate)
        {
            return _random.Next(12) == 0;
        }
    }

    /// <summary>A scenario by chance, as often as its weight says.</summary>
    public Scenario Choose()
    {
        lock (_gate)
        {
            var ticket = _random.Next(ScenarioCatalog.All.Sum(s => s.Weight));
            return ScenarioCatalog.All.First(s => (ticket -= s.Weight) < 0);
        }
    }

    private SandboxImport InventImport(string scenario, SandboxSite site, DateTimeOffset created)
    {
        var rows = scenario == "huge-file" ? _random.Next(180_000, 400_000) : _random.Next(12, 6_000);
        var header = scenario switch
        {
            "unicode" => ["氏名", "البريد", "ηλεκτρονικό ταχυδρομείο 📧", "πόντοι ⭐"],
            _ => _headers[_random.Next(_headers.Length)],
        };
        var samples = Enumerable.Range(0, 5).Select(row => new SampleDataRow { Values = SandboxRows.Invent(_random, header, scenario == "bad-points" && row % 2 == 1) }).ToList();
        return new(
            scenario, site.InstanceId,
            SandboxLifeCycle.Create(NewId(), NewId(), FileName(scenario), rows * _random.Next(38, 60), $"/sites/{NewId()}/{NewId()}.csv", Milliseconds(created)),
            new SandboxPlan(header, Mapping(scenario, header), samples, rows, Failures(scenario, rows), scenario == "failed-parsing" ? _reasons[_random.Next(_reasons.Length)] : null),
            Pace(scenario, rows));
    }

    // An ordinary import is through within a minute or so; the scenarios that show one status stay there.
    private SandboxPace Pace(string scenario, int rows) => new(
        scenario == "initiated" ? Between(240, 600) : Between(1, 3),
        scenario == "parsing" ? Between(3 * 3_600, 6 * 3_600) : Between(0.8, 2) + TimeSpan.FromMilliseconds(Math.Min(rows, 8_000)),
        scenario switch
        {
            "swapped-mapping" or "missing-mapping" => null,
            "parsed" => _random.Next(2) == 0 ? null : Between(1_200, 3_600),
            _ => Between(5, 25),
        },
        scenario switch
        {
            "importing" => Between(900, 1_800),
            "huge-file" => Between(20, 30),
            _ => Between(1, 4) + TimeSpan.FromMilliseconds(4 * Math.Min(rows, 6_000)),
        },
        scenario is "importing" or "huge-file" ? Between(2, 5) : null);

    private TimeSpan Between(double least, double most) => TimeSpan.FromMilliseconds(_random.Next((int)(least * 1_000), (int)(most * 1_000)));

    private static ImportStatus StatusOf(string scenario) => scenario switch
    {
        "initiated" => ImportStatus.Initiated,
        "parsing" => ImportStatus.Parsing,
        "importing" => ImportStatus.Importing,
        "imported" or "partial-failures" or "huge-file" or "unicode" => ImportStatus.Imported,
        "failed-parsing" => ImportStatus.Failed,
        _ => ImportStatus.Parsed,
    };

    private int Failures(string scenario, int rows) => scenario switch
    {
        "partial-failures" => Math.Max(1, rows * _random.Next(1, 30) / 100),
        "huge-file" => rows / 1_000,
        "bad-points" => Math.Max(1, rows * 2 / 3),
        _ => 0,
    };

    private string FileName(string scenario) => scenario switch
    {
        "unicode" => "клиенты – עברית 顧客 🎁.csv",
        "hostile-names" => "<img src=x onerror=alert(1)>\u202Evsc.exe\u0007 " + new string('x', 400) + ".csv",
        "huge-file" => "all-customers-full.csv",
        _ => _files[_random.Next(_files.Length)],
    };

    private static List<ColumnMapping> Mapping(string scenario, string[] header)
    {
        var (email, points) = SandboxRows.Columns(header);
        if (scenario == "swapped-mapping")
        {
            (email, points) = (points, email);
        }

        List<ColumnMapping> both = [new() { ColumnName = ColumnMapping.Email, ColumnIndex = email }, new() { ColumnName = ColumnMapping.Points, ColumnIndex = points }];
        return scenario == "missing-mapping" ? both[..1] : both;
    }

    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private static SandboxSite Site(int number, string name, string host) =>
        new($"5a4db0c5-0000-4000-8000-00000000000{number}", $"0a0a0a0a-1111-4222-8333-44444444444{number}", name, $"https://{host}.example.com/");
}
