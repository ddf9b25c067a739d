using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class ImportStatusWordsTests
{
    [Fact]
    public void Words_are_Wixs_seven_in_life_cycle_order() =>
        Assert.Equal(["UNKNOWN", "INITIATED", "PARSING", "PARSED", "IMPORTING", "IMPORTED", "FAILED"], ImportStatusWords.All);

    [Fact]
    public void Every_status_has_a_word_and_is_read_from_it()
    {
        foreach (var status in Enum.GetValues<ImportStatus>())
        {
            Assert.Equal(status, ImportStatusWords.Parse(status.ToWord()));
        }

        Assert.Equal(ImportStatusWords.All.Count, Enum.GetValues<ImportStatus>().Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("imported")]
    [InlineData(" IMPORTED")]
    [InlineData("CANCELLED")]
    [InlineData("5")]
    public void Word_outside_the_seven_is_unknown(string? word) => Assert.Equal(ImportStatus.Unknown, ImportStatusWords.Parse(word));

    [Fact]
    public void Imported_and_failed_alone_are_final() =>
        Assert.Equal([ImportStatus.Imported, ImportStatus.Failed], Enum.GetValues<ImportStatus>().Where(status => status.IsFinal()));
}
