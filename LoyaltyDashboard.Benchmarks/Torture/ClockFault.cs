using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>
/// The clock of the running process jumps, by the library of <c>faketime</c> between it and the system. Tokens that are valid by the clock as it then is must be taken, those
/// that ended by it must not: so it is with the SDK.
/// </summary>
internal sealed class ClockFault() : Fault("clock", "the clock jumps an hour either way", "no event refused that the SDK would accept, schedules recover")
{
    private const int Each = 50;

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var library = Directory.Exists("/usr/lib") ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint }).FirstOrDefault() : null;
        if (library is null)
        {
            return Verdict.NotRun("Debian's faketime is not installed; dotnet test tries it with a clock of its own");
        }

        await using var ground = Ground.Prepare(10);
        var offset = ground.File("offset");
        await File.WriteAllTextAsync(offset, "+0");
        await ground.StartAsync(
            ("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", offset), ("FAKETIME_NO_CACHE", "1"), ("DONT_FAKE_MONOTONIC", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("Sandbox__Enabled", "true"), ("Sandbox__StartWith", "3"));
        var (amiss, taken, refused, first) = (new List<string>(), 0, 0, 1_000);
        foreach (var hours in (int[])[0, 1, 0, -1, 0])
        {
            await File.WriteAllTextAsync(offset, hours == 0 ? "+0" : Text.Of($"{(hours > 0 ? "+" : "-")}3600s"));
            var asked = await QuestionsAsync(ground);
            // Whoever looks at the clock sees it from now on.
            await Task.Delay(200);
            var now = DateTimeOffset.UtcNow + TimeSpan.FromHours(hours);
            foreach (var (ends, status) in ((DateTimeOffset, int)[])[(now + TimeSpan.FromSeconds(30), 200), (now + TimeSpan.FromDays(40), 200), (now - TimeSpan.FromSeconds(5), 401)])
            {
                var answers = (await LoadGenerator.RunAsync(ground.Door, [.. ground.Sign(Each, first += Each, ends).Select(e => e.Body)], 8)).ByStatus;
                (taken, refused) = (taken + answers.GetValueOrDefault(200), refused + answers.GetValueOrDefault(401));
                if (answers.GetValueOrDefault(status) != Each)
                {
                    amiss.Add($"{hours:+0;-0;0} h: {Each - answers.GetValueOrDefault(status)} tokens that end {(ends - now).TotalSeconds:N0} s from then were not answered {status} but {string.Join(", ", answers.Keys)}");
                }
            }

            // What was just announced is asked for within seconds.
            await Task.Delay(TimeSpan.FromSeconds(15));
            if (await QuestionsAsync(ground) <= asked)
            {
                amiss.Add($"{hours:+0;-0;0} h: Wix was not asked for anything within 15 s");
            }
        }

        if (await ground.StatusAsync("/health/ready") != 200)
        {
            amiss.Add("it is not ready");
        }

        return Verdict.Of(amiss, $"an hour ahead, back, an hour behind, back: {taken} valid tokens taken, {refused} expired ones refused, and questions to the stand-in for Wix went on after each jump");
    }

    private static async Task<int> QuestionsAsync(Ground ground)
    {
        using var client = new HttpClient().WithKey();
        var log = await client.GetStringAsync(new Uri(ground.Dashboard.Address, "/sandbox/log"));
        return log.Length;
    }
}
