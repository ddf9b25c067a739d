using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;

namespace LoyaltyDashboard.Sandbox;

/// <summary>The files that say row by row what failed. Wix documents neither their columns nor how long their links live; both are invented here.</summary>
internal sealed class SandboxErrorFiles(TimeProvider time)
{
    /// <summary>How long a link opens its file.</summary>
    public static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(5);

    /// <summary>Rows that went well are there for comparison; so many at most.</summary>
    public const int MostGoodRows = 200;

    private const int FlushAt = 32 * 1024;

    private static readonly string[] _reasons =
    [
        "No contact with this email address", "Points must be a whole number", "Email address is not valid", "Points are above the limit of the program", "Duplicate email address, only the first row was imported",
    ];

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A link's path below the stand-in's own.</summary>
    public string LinkTo(SandboxImport import)
    {
        var ends = (time.GetUtcNow() + LinkLife).ToUnixTimeSeconds();
        return $"/files/{import.InstanceId}/{ends.ToString(CultureInfo.InvariantCulture)}/{Sign(import.InstanceId, ends, import.Id)}/{import.Id}.csv";
    }

    /// <summary>Whether a link is ours and its life is not over.</summary>
    public bool IsGood(string instanceId, long ends, string signature, string importId) =>
        time.GetUtcNow().ToUnixTimeSeconds() < ends
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(Sign(instanceId, ends, importId)));

    /// <summary>Writes an import's file: each row that failed and some that did not, in the order of the file.</summary>
    public static async Task WriteAsync(PipeWriter output, SandboxImport import, CancellationToken cancellation)
    {
        var random = new Random(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(import.Id))));
        var good = Math.Min(MostGoodRows, import.Plan.Rows - import.Plan.Failures);
        var line = new StringBuilder();
        Append(line, ["row", .. import.Plan.Header, "status", "error reason"]);
        var (failedLeft, goodLeft, row) = (import.Plan.Failures, good, 1);
        while (failedLeft + goodLeft > 0)
        {
            var failed = random.Next(failedLeft + goodLeft) < failedLeft;
            var cells = SandboxRows.Invent(random, import.Plan.Header, hasBadPoints: failed && import.Scenario == "bad-points");
            Append(line, [(++row).ToString(CultureInfo.InvariantCulture), .. cells, failed ? "FAILED" : "IMPORTED", failed ? Reason(random, import) : string.Empty]);
            (failedLeft, goodLeft) = failed ? (failedLeft - 1, goodLeft) : (failedLeft, goodLeft - 1);
            if (line.Length >= FlushAt)
            {
                await SendAsync();
            }
        }

        await SendAsync();

        async ValueTask SendAsync()
        {
            foreach (var chunk in line.GetChunks())
            {
                Encoding.UTF8.GetBytes(chunk.Span, output);
            }

            line.Clear();
            await output.FlushAsync(cancellation);
        }
    }

    // The first reason is the usual one.
    private static string Reason(Random random, SandboxImport import) => import.Scenario == "bad-points" ? _reasons[1] : _reasons[Math.Min(random.Next(_reasons.Length), random.Next(_reasons.Length))];

    private static void Append(StringBuilder line, IEnumerable<string> cells) => line.AppendJoin(',', cells.Select(Quote)).Append("\r\n");

    private static string Quote(string cell) => cell.AsSpan().ContainsAny("\",\r\n") ? "\"" + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : cell;

    private string Sign(string instanceId, long ends, string importId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{instanceId}\n{ends}\n{importId}"))));
}
