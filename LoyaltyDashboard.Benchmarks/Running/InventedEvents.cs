using System.Text;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>
/// Imports for measuring: 500 sites, all statuses, five sample rows, some 3 KB a webhook. The same number gives the same import, however many there are and whoever asks.
/// </summary>
internal static class InventedEvents
{
    /// <summary>Sites in all.</summary>
    public const int Sites = 500;

    private static readonly string[] _files = ["spring-members", "points", "loyalty-export", "customers", "stempelkarte", "club-balance", "migration-batch", "Punktestand Größe", "ポイント", "newsletter-members"];
    private static readonly string[][] _headers =
    [
        ["name", "surname", "email", "points"], ["E-Mail", "Vorname", "Nachname", "Punkte"], ["member_id", "email", "balance"], ["first", "last", "phone", "email", "points", "joined"],
    ];

    private static readonly string[] _names = ["Ada", "Björn", "Chiara", "Dmitri", "Eszter", "Fatima", "Goran", "Hana", "Ines", "Jörg", "Kwame", "Lucía", "Mei", "Noor", "Oskar", "Priya"];
    private static readonly string[] _reasons = ["MISSING_REQUIRED_COLUMN", "FILE_NOT_UTF8", "EMPTY_FILE", "TOO_MANY_COLUMNS"];

    /// <summary>A site.</summary>
    /// <param name="number">From 0.</param>
    public static SandboxSite Site(int number) =>
        new($"5a4db0c5-0000-4000-8000-{number:x12}", $"0a0a0a0a-1111-4222-8333-{number:x12}", $"{_names[number % _names.Length]}'s Shop {number}", $"https://shop-{number}.example.com/");

    /// <summary>The event that announces an import, as far as that import is.</summary>
    /// <param name="number">Which.</param>
    /// <param name="created">When it was created.</param>
    public static SandboxEvent Announce(int number, DateTimeOffset created) =>
        SandboxEvent.Created(Import(number, created), Id(number, 0xE), Site(SiteOf(number)), created + TimeSpan.FromMilliseconds(200));

    /// <summary>The id of an import.</summary>
    public static string ImportId(int number) => Id(number, 0x1);

    /// <summary>An import.</summary>
    public static LoyaltyImport Import(int number, DateTimeOffset created)
    {
        var random = new Random(number);
        var header = _headers[random.Next(_headers.Length)];
        var rows = random.Next(12, 20_000);
        var status = random.Next(100) switch { < 80 => ImportStatus.Imported, < 87 => ImportStatus.Failed, < 92 => ImportStatus.Parsed, < 95 => ImportStatus.Importing, < 98 => ImportStatus.Parsing, _ => ImportStatus.Initiated };
        var failures = random.Next(5) == 0 ? random.Next(1, rows) : 0;
        var isBroken = random.Next(20) == 0;
        var (email, points) = (Array.FindIndex(header, h => h.Contains("mail", StringComparison.OrdinalIgnoreCase)), Array.FindIndex(header, h => h is "points" or "Punkte" or "balance"));
        return new LoyaltyImport
        {
            Id = ImportId(number),
            AsyncImportJobId = Id(number, 0xA),
            Revision = ((int)status + 1).ToString(System.Globalization.CultureInfo.InvariantCulture),
            CreatedDate = created,
            UpdatedDate = created + TimeSpan.FromSeconds(random.Next(1, 3_000)),
            Status = status.ToWord(),
            FileMetadata = new FileMetadata
            {
                Name = $"{_files[random.Next(_files.Length)]}-{number % 9_973}.csv",
                Size = rows * random.Next(38, 60),
                Url = $"/sites/{Id(number, 0x2)}/{Id(number, 0x3)}.csv",
                Header = status == ImportStatus.Initiated ? null : new FileHeader { Values = header },
                HeaderMappingInfo = status < ImportStatus.Parsed ? null : new HeaderMappingInfo
                {
                    HeaderMappings = [new() { ColumnName = ColumnMapping.Email, ColumnIndex = isBroken ? points : email }, new() { ColumnName = ColumnMapping.Points, ColumnIndex = isBroken ? email : points }],
                },
                SampleDataRows = [.. Enumerable.Range(0, 5).Select(_ => new SampleDataRow { Values = [.. header.Select(heading => Cell(random, heading))] })],
            },
            ParseResult = status < ImportStatus.Parsed ? null : new ParseResult { ParsedRowCount = status == ImportStatus.Failed ? null : rows, ParseErrorReason = status == ImportStatus.Failed ? _reasons[random.Next(_reasons.Length)] : null },
            ImportResult = status != ImportStatus.Imported ? new ImportResult { ErrorFileExists = false } : new ImportResult { ErrorFileExists = failures > 0, SuccessCount = rows - failures, FailureCount = failures },
        };
    }

    /// <summary>The site of an import: some have many, most have few.</summary>
    public static int SiteOf(int number) => (int)(Math.Pow(new Random(number ^ 0x5EED).NextDouble(), 3) * Sites);

    /// <summary>The claims of a token that announces an import, as they are kept.</summary>
    public static byte[] Claims(SandboxEvent announced, DateTimeOffset issued) => Encoding.UTF8.GetBytes(WebhookSigner.Claims(announced, issued));

    private static string Cell(Random random, string heading) => heading switch
    {
        "points" or "Punkte" or "balance" => random.Next(5_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "phone" => $"+49 30 {random.Next(1_000_000, 9_999_999)}",
        "joined" => $"20{random.Next(10, 26)}-0{random.Next(1, 9)}-1{random.Next(9)}",
        "member_id" => random.Next(100_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ when heading.Contains("mail", StringComparison.OrdinalIgnoreCase) => $"{_names[random.Next(_names.Length)].ToLowerInvariant()}.{random.Next(100_000)}@example.com",
        _ => _names[random.Next(_names.Length)],
    };

    private static string Id(int number, int kind)
    {
        var random = new Random((number * 31) + kind);
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        // The number itself is in it, so that no two are the same.
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes[10..], number);
        bytes[6] = (byte)(0x40 | kind);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
