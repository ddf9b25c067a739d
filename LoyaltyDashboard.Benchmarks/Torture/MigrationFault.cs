using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>A database of every earlier schema, full of rows, whose migration is killed at one moment after another before it may finish.</summary>
internal sealed class MigrationFault() : Fault("migration", "migration from every earlier schema version with data, killed in the middle", "all rows, no loss, resumable after a kill in the middle")
{
    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var (rows, kills) = (isShort ? 5_000 : 300_000, isShort ? 2 : 8);
        await using var ground = Ground.Prepare(1);
        var (amiss, inTheMiddle, made, random) = (new List<string>(), 0, 0, new Random(7));
        var schemas = OldDatabase.Schemas();
        foreach (var schema in schemas.SkipLast(1))
        {
            var original = ground.File($"{schema}.db");
            await OldDatabase.MakeAsync(original, schema, rows, CancellationToken.None);
            var before = OldDatabase.Contents(original);
            ground.DatabasePath = ground.File($"{schema}-whole.db");
            File.Copy(original, ground.DatabasePath);
            await ground.StartAsync();
            var whole = ground.Dashboard.StartTime;
            await ground.EndAsync();
            amiss.AddRange(OldDatabase.Losses(ground.DatabasePath, before).Select(loss => $"from {schema}: {loss}"));
            File.Delete(ground.DatabasePath);

            ground.DatabasePath = ground.File($"{schema}-killed.db");
            File.Copy(original, ground.DatabasePath);
            for (var kill = 0; kill < kills; kill++)
            {
                made++;
                inTheMiddle += await KillAsync(ground, whole * random.NextDouble()) ? 1 : 0;
            }

            await ground.StartAsync();
            await ground.EndAsync();
            amiss.AddRange(OldDatabase.Losses(ground.DatabasePath, before).Select(loss => $"from {schema}, killed: {loss}"));
            File.Delete(original);
        }

        return Verdict.Of(amiss, Text.Of($"{schemas.Count - 1} earlier schemas, {rows:N0} rows in each table, {made} kills, {inTheMiddle} of them before the start had ended"));
    }

    // Started by hand: it is not to become ready.
    private static async Task<bool> KillAsync(Ground ground, TimeSpan after)
    {
        var folder = await PublishedDashboard.PublishAsync();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "LoyaltyDashboard.dll"), "--urls", "http://127.0.0.1:0"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ConnectionStrings__Dashboard"] = $"Data Source={ground.DatabasePath}";
        start.Environment["Wix__PublicKeys__0"] = ground.PublicKeyPem;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await Task.Delay(after);
        process.Kill();
        await process.WaitForExitAsync();
        return !(await output).Contains("is ready", StringComparison.Ordinal);
    }
}
