using System.Globalization;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Sandbox;

/// <summary>What an invented import will turn out to be as it moves on.</summary>
/// <param name="Header">Headings.</param>
/// <param name="Mapping">Mapping.</param>
/// <param name="Samples">Sample rows.</param>
/// <param name="Rows">Rows in the file.</param>
/// <param name="Failures">Rows that will fail.</param>
/// <param name="ParseError">Why parsing will fail; null if it will not.</param>
public sealed record SandboxPlan(IReadOnlyList<string> Header, IReadOnlyList<ColumnMapping> Mapping, IReadOnlyList<SampleDataRow> Samples, int Rows, int Failures, string? ParseError);

/// <summary>Moves an invented import the way Wix moves real ones: each step raises the revision; headings and samples come with PARSED, counts with IMPORTED.</summary>
public static class SandboxLifeCycle
{
    /// <summary>A new import: INITIATED, revision 1, file not read yet.</summary>
    public static LoyaltyImport Create(string id, string jobId, string fileName, long fileSize, string fileUrl, DateTimeOffset created) => new()
    {
        Id = id,
        AsyncImportJobId = jobId,
        Revision = "1",
        CreatedDate = created,
        UpdatedDate = created,
        Status = ImportStatus.Initiated.ToWord(),
        FileMetadata = new FileMetadata { Name = fileName, Size = fileSize, Url = fileUrl, SampleDataRows = [] },
        ImportResult = new ImportResult { ErrorFileExists = false },
    };

    /// <summary>The next step; a finished import stays as it is.</summary>
    public static LoyaltyImport Next(LoyaltyImport import, SandboxPlan plan, DateTimeOffset now)
    {
        var status = ImportStatusWords.Parse(import.Status) switch
        {
            ImportStatus.Initiated => ImportStatus.Parsing,
            ImportStatus.Parsing => plan.ParseError is null ? ImportStatus.Parsed : ImportStatus.Failed,
            ImportStatus.Parsed => ImportStatus.Importing,
            ImportStatus.Importing => ImportStatus.Imported,
            var final => final,
        };
        if (status.ToWord() == import.Status)
        {
            return import;
        }

        var moved = import with { Status = status.ToWord(), UpdatedDate = now, Revision = Raised(import.Revision!, 1) };
        return status switch
        {
            ImportStatus.Parsed => moved with
            {
                FileMetadata = moved.FileMetadata! with { Header = new FileHeader { Values = plan.Header }, HeaderMappingInfo = new HeaderMappingInfo { HeaderMappings = plan.Mapping }, SampleDataRows = plan.Samples },
                ParseResult = new ParseResult { ParsedRowCount = plan.Rows },
            },
            ImportStatus.Failed => moved with { ParseResult = new ParseResult { ParseErrorReason = plan.ParseError } },
            ImportStatus.Imported => moved with { ImportResult = new ImportResult { ErrorFileExists = plan.Failures > 0, SuccessCount = plan.Rows - plan.Failures, FailureCount = plan.Failures } },
            _ => moved,
        };
    }

    /// <summary>An import some of whose rows are written.</summary>
    /// <param name="import">IMPORTING, as it began.</param>
    /// <param name="times">How often it has told of its rows; each time raised the revision.</param>
    /// <param name="succeeded">Rows written by now.</param>
    /// <param name="now">When it told.</param>
    public static LoyaltyImport Count(LoyaltyImport import, int times, double succeeded, DateTimeOffset now) =>
        import with { Revision = Raised(import.Revision!, times), UpdatedDate = now, ImportResult = import.ImportResult! with { SuccessCount = (long)succeeded } };

    private static string Raised(string revision, int by) => (int.Parse(revision, CultureInfo.InvariantCulture) + by).ToString(CultureInfo.InvariantCulture);
}
