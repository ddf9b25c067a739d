using System.CommandLine;
using System.Security.Cryptography;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Export;

/// <summary>
/// Whole lists as files, over HTTP from the published program, in turn with the <c>sqlite3</c> shell on the same database. The first round warms up both and counts for memory
/// alone, because a program that has just started grows most.
/// </summary>
internal static class ExportCommand
{
    private const int Rounds = 5;
    private const double MostGrowth = 64;
    private const double LongestWait = 200;
    private const double LeastRatio = 0.5;

    private static readonly (string Query, string Name)[] _exports =
        [("format=csv", "CSV"), ("format=csv&sort=file", "CSV, sorted by file name"), ("format=xlsx", "XLSX"), ("format=jsonl", "JSON Lines")];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var imports = new Option<int>("--imports") { Description = "Rows of the list; fewer than a million are a short run.", DefaultValueFactory = _ => 1_000_000 };
        var command = new Command("export", "CSV, XLSX and JSON Lines of a million rows, beside the sqlite3 shell.") { imports };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(imports)));
        return command;
    }

    private static async Task RunAsync(int imports)
    {
        using var folder = new TempFolder();
        var database = folder.File("export.db");
        await SeededDatabase.CopyAsync(imports, database);
        using var key = RSA.Create(2048);
        await using var server = await PublishedDashboard.StartAsync(database, key.ExportSubjectPublicKeyInfoPem());
        var downloads = _exports.ToDictionary(export => export.Query, _ => new List<Download>());
        var (exported, stored, sorted) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            exported.Add(await SqliteShell.WriteAsync(database, SqliteShell.AsExported + SqliteShell.ByArrival));
            await TakeAsync(0);
            stored.Add(await SqliteShell.WriteAsync(database, SqliteShell.AsStored + SqliteShell.ByArrival));
            sorted.Add(await SqliteShell.WriteAsync(database, SqliteShell.AsExported + SqliteShell.ByFile));
            await TakeAsync(1);
            await TakeAsync(2);
            await TakeAsync(3);
        }

        Series Rates(IEnumerable<double> seconds) => new([.. seconds.Skip(1).Select(s => imports / s)]);
        Series Speed(int export) => Rates(downloads[_exports[export].Query].Select(d => d.Seconds));
        var (shell, raw, shellSorted) = (Rates(exported), Rates(stored), Rates(sorted));
        var command = imports == 1_000_000 ? "export" : $"export --imports {imports}";
        Measurement Beside(int export, Series peer, string more)
        {
            var ratio = Speed(export).Over(peer);
            return new(Of(export), $"≥ {LeastRatio.ToString("N1", Text.Culture)} × the sqlite3 shell's rows a second", ratio.Median >= LeastRatio,
                Text.Of($"{ratio.Median:N2} × ({Speed(export).Median:N0} of {peer.Median:N0} rows a second{more})"), ratio.Spread("N2"), command);
        }

        string Of(int export) => Text.Of($"export of {imports:N0} rows as {_exports[export].Name}");
        Measurement Memory(int export)
        {
            var all = downloads[_exports[export].Query];
            var growth = new Series([.. all.Select(d => d.GrowthBytes / 1e6)]);
            var stated = export < 2 ? string.Empty : Text.Of($"; {new Series([.. all.Skip(1).Select(d => d.Seconds)]).Median:N1} s, {all[0].Bytes / 1e6:N0} MB");
            return new($"memory while it does: {Of(export)}", $"grows by ≤ {MostGrowth} MB", growth.Highest <= MostGrowth, Text.Of($"{growth.Highest:N0} MB at most{stated}"), growth.Spread(), command);
        }

        // A line of JSON can only come when the order is known; the other formats have a beginning that can go before.
        Series FirstBytes(params IEnumerable<int> exports) => new([.. exports.SelectMany(export => downloads[_exports[export].Query].Select(d => d.FirstByteMilliseconds))]);
        var (firstBytes, firstLines) = (FirstBytes(0, 1, 2), FirstBytes(3));
        await Results.KeepAsync("export",
        [
            Beside(0, shell, Text.Of($"; {Speed(0).Over(raw).Median:N2} × the shell that writes ids, times and words as they are stored")),
            Beside(1, shellSorted, ", which sorts, too"),
            .. Enumerable.Range(0, _exports.Length).Select(Memory),
            new(Text.Of($"first byte of a file of {imports:N0} rows, CSV and XLSX"), $"≤ {LongestWait} ms", firstBytes.Highest <= LongestWait,
                Text.Of($"{firstBytes.Median:N0} ms, {firstBytes.Highest:N0} ms at most; first line of JSON Lines {firstLines.Median:N0} ms"), firstBytes.Spread(), command),
        ], isShort: imports < 1_000_000);

        async Task TakeAsync(int export)
        {
            var (query, name) = _exports[export];
            var taken = await Download.TakeAsync(server, query);
            Console.WriteLine(Text.Of($"{name}: {taken.Seconds:N2} s, first byte after {taken.FirstByteMilliseconds:N0} ms, {taken.Bytes / 1e6:N0} MB, server grew by {taken.GrowthBytes / 1e6:N0} MB"));
            // A heading makes one line more.
            var lines = query switch { "format=xlsx" => taken.Lines, "format=jsonl" => imports, _ => imports + 1L };
            if (taken.Lines != lines)
            {
                throw new InvalidOperationException($"{query} gave {taken.Lines} lines in place of {lines}.");
            }

            downloads[query].Add(taken);
        }
    }
}
