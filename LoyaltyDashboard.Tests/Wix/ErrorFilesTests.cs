using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

/// <summary>A site's budget of questions at Wix is not for one reader to use up.</summary>
public sealed class ErrorFilesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_reader_asks_for_so_many_at_once_and_others_go_on()
    {
        var asked = 0;
        using var files = new ErrorFiles((_, _, _) => Task.FromResult(new Uri($"https://files.example/{++asked}")), (_, _) => Task.FromResult<Stream>(new MemoryStream()), canOpen: true);
        ErrorFileException? refusal = null;
        for (var i = 0; refusal is null && i < 2 * ErrorFiles.MostPerMinute; i++)
        {
            refusal = await Record.ExceptionAsync(async () => await (await files.OpenAsync("user:1", "site", "import", Stop)).DisposeAsync()) as ErrorFileException;
        }

        var before = asked;
        await (await files.OpenAsync("user:2", "site", "import", Stop)).DisposeAsync();

        Assert.Equal(ErrorFileFault.TooOften, refusal!.Fault);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.Equal((true, before + 1), (before >= ErrorFiles.MostPerMinute, asked));
    }
}
