using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Sandbox;

/// <summary>
/// The world on disk, beside the sandbox's database: one import a line, appended as they are created, for the owner alone. The sandbox is a toy:
/// a file that cannot be written costs a warning, never an import.
/// </summary>
public sealed class SandboxWorldFile(SqliteConnectionStringBuilder database, ILogger<SandboxWorldFile> logger)
{
    /// <summary>Imports kept over a start.</summary>
    public const int Most = 2_000;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
    };

    private readonly Lock _gate = new();

    /// <summary>Its full path: <c>sandbox.db</c> has <c>sandbox-wix.jsonl</c>.</summary>
    public string FilePath { get; } = Path.Combine(Path.GetDirectoryName(database.DataSource)!, Path.GetFileNameWithoutExtension(database.DataSource) + "-wix.jsonl");

    /// <summary>Reads the newest imports and forgets what is older or broken.</summary>
    public IReadOnlyList<SandboxImport> ReadAndCut()
    {
        lock (_gate)
        {
            try
            {
                return File.Exists(FilePath) ? Read() : [];
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning("The sandbox begins anew: {Path} cannot be read: {Fault}", FilePath, exception.Message);
                return [];
            }
        }
    }

    /// <summary>Appends an import.</summary>
    public void Append(SandboxImport import)
    {
        lock (_gate)
        {
            try
            {
                Write(FilePath, FileMode.Append, [import]);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning("The sandbox will forget an import at the next start: {Path} cannot be written: {Fault}", FilePath, exception.Message);
            }
        }
    }

    private List<SandboxImport> Read()
    {
        var imports = new List<SandboxImport>();
        var lines = File.ReadAllLines(FilePath);
        for (var index = 0; index < lines.Length; index++)
        {
            if (Parse(lines[index]) is { } import)
            {
                imports.Add(import);
            }
            else
            {
                logger.LogWarning("Line {Line} of {Path} holds no import of the sandbox and is skipped", index + 1, FilePath);
            }
        }

        var kept = imports[Math.Max(0, imports.Count - Most)..];
        if (kept.Count < lines.Length || !EndsWithLine())
        {
            // The new file takes the place of the old one whole, or not at all.
            var cut = FilePath + ".new";
            File.Delete(cut);
            Write(cut, FileMode.CreateNew, kept);
            File.Move(cut, FilePath, overwrite: true);
        }

        return kept;
    }

    // A process that was killed may have left half a line, which the next one must not be glued to.
    private bool EndsWithLine()
    {
        using var file = File.OpenRead(FilePath);
        return file.Length == 0 || (file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() == '\n');
    }

    private static SandboxImport? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SandboxImport>(line, _json) is { Scenario: not null, InstanceId.Length: > 0, Created: not null, Plan: not null, Pace: not null } import && import.IsWhole() ? import : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    private static void Write(string path, FileMode mode, IEnumerable<SandboxImport> imports)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        foreach (var import in imports)
        {
            file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(import, _json) + "\n"));
        }
    }
}
