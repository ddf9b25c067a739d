using System.Globalization;
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

    private static readonly string[] _given = ["Ann", "Ravi", "Chloé", "Jürgen", "Mei", "Omar", "Zoë", "Søren", "Ivana", "Noah", "Łucja", "Tariq"];
    private static readonly string[] _family = ["Lee", "Patel", "Martin", "Weiß", "Tanaka", "Haddad", "Novák", "Jensen", "Okafor", "Silva", "Kowalska", "O'Neil"];
    private static readonly string[] _files = ["spring-members.csv", "points-2026.csv", "loyalty_export.csv", "customers.csv", "stempelkarte.csv", "club-balance.csv", "migration-batch-3.csv"];
    private static readonly string[][] _headers =
    [
        ["name", "surname", "email", "points"], ["E-Mail", "Vorname", "Nachname", "Punkte"], ["member_id", "email", "balance"], ["first", "last", "phone", "email", "points", "joined"],
    ];

    private static readonly string[] _reasons = ["MISSING_REQUIRED_COLUMN", "FILE_NOT_UTF8", "EMPTY_FILE", "TOO_MANY_COLUMNS"];

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    /// <summary>Invents what a scenario announces.</summary>
    /// <param name="scenario">Which.</param>
    /// <param name="now">When it is announced; the import was created shortly before.</param>
    public SandboxEvent Invent(Scenario scenario, DateTimeOffset now)
    {
        lock (_gate)
        {
            var site = Sites[_random.Next(Sites.Count)];
            return scenario.Name switch
            {
                "test-event" => SandboxEvent.WixTest(site),
                "other-event" => SandboxEvent.AppRemoved(NewId(), site),
                "no-import" => SandboxEvent.WithoutImport(NewId(), site),
                _ => SandboxEvent.Created(InventImport(scenario.Name, now), NewId(), site, now - TimeSpan.FromMilliseconds(_random.Next(40, 900))),
            };
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

    private LoyaltyImport InventImport(string scenario, DateTimeOffset now)
    {
        var status = scenario switch
        {
            "initiated" => ImportStatus.Initiated,
            "parsing" => ImportStatus.Parsing,
            "importing" => ImportStatus.Importing,
            "imported" or "partial-failures" or "huge-file" => ImportStatus.Imported,
            "failed-parsing" => ImportStatus.Failed,
            "hostile-names" or "unicode" => _random.Next(2) == 0 ? ImportStatus.Imported : ImportStatus.Parsed,
            _ => ImportStatus.Parsed,
        };
        var rows = scenario == "huge-file" ? _random.Next(180_000, 400_000) : _random.Next(12, 6_000);
        var header = scenario switch
        {
            "unicode" => ["氏名", "البريد", "ηλεκτρονικό ταχυδρομείο 📧", "πόντοι ⭐"],
            _ => _headers[_random.Next(_headers.Length)],
        };
        var import = SandboxLifeCycle.Create(NewId(), NewId(), FileName(scenario), rows * _random.Next(38, 60), $"/sites/{NewId()}/{NewId()}.csv", Milliseconds(now - TimeSpan.FromSeconds(_random.Next(2, 40))));
        var plan = new SandboxPlan(header, Mapping(scenario, header), Samples(scenario, header), rows, Failures(scenario, rows), scenario == "failed-parsing" ? _reasons[_random.Next(_reasons.Length)] : null);
        while (ImportStatusWords.Parse(import.Status) != status)
        {
            import = SandboxLifeCycle.Next(import, plan, import.UpdatedDate!.Value + TimeSpan.FromMilliseconds(_random.Next(200, 4_000)));
        }

        return import;
    }

    private int Failures(string scenario, int rows) => scenario switch
    {
        "partial-failures" => Math.Max(1, rows * _random.Next(1, 30) / 100),
        "huge-file" => rows / 1_000,
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
        int email = Array.FindIndex(header, IsEmailHeading), points = Array.FindIndex(header, IsPointsHeading);
        if (scenario == "swapped-mapping")
        {
            (email, points) = (points, email);
        }

        List<ColumnMapping> both = [new() { ColumnName = ColumnMapping.Email, ColumnIndex = email }, new() { ColumnName = ColumnMapping.Points, ColumnIndex = points }];
        return scenario == "missing-mapping" ? both[..1] : both;
    }

    private List<SampleDataRow> Samples(string scenario, string[] header) => [.. Enumerable.Range(0, 5).Select(_ =>
    {
        string given = _given[_random.Next(_given.Length)], family = _family[_random.Next(_family.Length)];
        return new SampleDataRow { Values = [.. header.Select(heading => Cell(scenario, heading, given, family))] };
    })];

    private string Cell(string scenario, string heading, string given, string family)
    {
        if (IsEmailHeading(heading))
        {
            return $"{given}.{family}{_random.Next(10, 99)}@example.{(_random.Next(2) == 0 ? "com" : "org")}".Replace("'", string.Empty, StringComparison.Ordinal).ToLowerInvariant();
        }

        if (IsPointsHeading(heading))
        {
            var points = _random.Next(5, 4_000);
            return scenario == "bad-points" && _random.Next(3) > 0
                ? (_random.Next(4) switch { 0 => $"{points}.50", 1 => $"1E+{points % 9}", 2 => $"€{points}", _ => points.ToString("N0", CultureInfo.InvariantCulture) + " pts" })
                : points.ToString(CultureInfo.InvariantCulture);
        }

        return heading switch
        {
            "name" or "first" or "Vorname" or "氏名" => given,
            "surname" or "last" or "Nachname" or "البريد" => family,
            "phone" => $"+1 202 555 01{_random.Next(10, 99)}",
            "joined" => $"202{_random.Next(0, 6)}-0{_random.Next(1, 9)}-1{_random.Next(0, 9)}",
            _ => $"M{_random.Next(10_000, 99_999)}",
        };
    }

    private static bool IsEmailHeading(string heading) => heading is "email" or "E-Mail" || heading.Contains("📧", StringComparison.Ordinal) || heading.Contains("ταχυδρομείο", StringComparison.Ordinal);

    private static bool IsPointsHeading(string heading) => heading is "points" or "Punkte" or "balance" || heading.Contains("πόντοι", StringComparison.Ordinal);

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
