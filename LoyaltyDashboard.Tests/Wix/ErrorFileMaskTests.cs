using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

/// <summary>A reason keeps Wix's words, and a column that the customer's own file has is no reason, whatever it is called.</summary>
public sealed class ErrorFileMaskTests
{
    private static readonly Reader _viewer = new("user:1", Role.Viewer, null, false);

    [Theory]
    [InlineData(1, "120")]
    [InlineData(2, "000")]
    [InlineData(null, "000")]
    public async Task Points_stay_in_the_column_that_was_mapped_to_them(int? column, string shown)
    {
        var import = new LoyaltyImport
        {
            Id = "one",
            FileMetadata = new FileMetadata
            {
                Header = new FileHeader { Values = ["e-mail", "Points", "phone"] },
                HeaderMappingInfo = new HeaderMappingInfo { HeaderMappings = column is { } mapped ? [new ColumnMapping { ColumnName = ColumnMapping.Points, ColumnIndex = mapped }] : [] },
            },
        };
        using var file = new MemoryStream(Encoding.UTF8.GetBytes("row,e-mail,points\n7,ada@example.com,120\n"));

        var table = await ErrorFileTable.ReadAsync(file, MaskedErrorFile.For(_viewer, import), null, TestContext.Current.CancellationToken);

        Assert.Equal(["0", "a•••@e•••.com", shown], Assert.Single(table.Rows).Cells);
    }

    [Fact]
    public async Task Of_two_columns_with_the_name_of_points_none_stays()
    {
        var import = new LoyaltyImport
        {
            Id = "one",
            FileMetadata = new FileMetadata
            {
                Header = new FileHeader { Values = ["points", "points"] },
                HeaderMappingInfo = new HeaderMappingInfo { HeaderMappings = [new ColumnMapping { ColumnName = ColumnMapping.Points, ColumnIndex = 1 }] },
            },
        };
        using var file = new MemoryStream("points,points\n4711,120\n"u8.ToArray());

        var table = await ErrorFileTable.ReadAsync(file, MaskedErrorFile.For(_viewer, import), null, TestContext.Current.CancellationToken);

        Assert.Equal(["0000", "000"], Assert.Single(table.Rows).Cells);
    }

    [Theory]
    [InlineData("e-mail", "Ada was ill")]
    [InlineData("reason", "Xxx xxx xxx")]
    [InlineData(" Reason ", "Xxx xxx xxx")]
    [InlineData(null, "Xxx xxx xxx")]
    public async Task Own_column_is_masked_and_the_one_that_Wix_added_is_not(string? ownHeading, string shown)
    {
        var import = new LoyaltyImport { Id = "one", FileMetadata = new FileMetadata { Header = ownHeading is null ? null : new FileHeader { Values = [ownHeading] } } };
        using var file = new MemoryStream(Encoding.UTF8.GetBytes("e-mail,reason\nada@example.com,Ada was ill\n"));

        var table = await ErrorFileTable.ReadAsync(file, MaskedErrorFile.For(_viewer, import), null, TestContext.Current.CancellationToken);

        Assert.Equal(["a•••@e•••.com", shown], Assert.Single(table.Rows).Cells);
    }
}
