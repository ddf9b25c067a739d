using System.Text;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class ImportJsonTests
{
    private const string Full =
        """{"id":"i","asyncImportJobId":"j","revision":"1","createdDate":"2026-11-24T08:30:00.1234567Z","status":"PARSED","fileMetadata":{"size":5,"name":"grüße.csv","header":{"values":["a"]},"headerMappingInfo":{"headerMappings":[{"columnName":"EMAIL","columnIndex":0}]},"sampleDataRows":[{"values":["a@b.co"]}]},"parseResult":{"parsedRowCount":1},"importResult":{"errorFileExists":false}}""";

    [Fact]
    public void Import_comes_back_byte_for_byte() => Assert.Equal(Full, Encoding.UTF8.GetString(ImportJson.Write(ImportJson.ReadImport(Encoding.UTF8.GetBytes(Full)))));

    [Fact]
    public void Absent_stays_absent() => Assert.Equal("""{"id":"i"}""", Encoding.UTF8.GetString(ImportJson.Write(new LoyaltyImport { Id = "i" })));
}
