using System.Text.Json;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests;

/// <summary>The rooms stand on five floors. A room may use the rooms on the floors below it, and beside it only where that is said; nobody looks up.</summary>
public sealed class ArchitectureTests
{
    private const string Product = "LoyaltyDashboard";

    private static readonly string[][] _floors =
    [
        ["Imports", "Observability"],
        ["Storage", "Wix", "Live", "Access"],
        ["Ingest", "Queries", "Following", "Retention", "Sandbox"],
        ["Webhooks", "Api", "Export", "Components", "Commands"],
        [""],
    ];

    private static readonly (string Room, string Neighbour)[] _besides = [("Following", "Ingest"), ("Following", "Queries"), ("Retention", "Ingest"), ("Access", "Storage"), ("Live", "Access")];

    private static readonly IReadOnlyCollection<(string From, string To)> _references = TypeReferences.Of(typeof(Program).Assembly.Location);

    [Fact]
    public void Every_room_has_a_floor() =>
        Assert.DoesNotContain(_references.SelectMany(r => (string[])[r.From, r.To]).Where(IsOurs).Select(RoomOf).Distinct(), room => Floor(room) < 0);

    [Fact]
    public void Rooms_use_only_what_is_below_them_or_where_it_is_said_beside_them() => Assert.Empty(
        _references.Where(r => IsOurs(r.From) && IsOurs(r.To) && !MayUse(RoomOf(r.From), RoomOf(r.To))).Select(r => $"{r.From} uses {r.To}").Order(StringComparer.Ordinal));

    // The two tests above find nothing. These show that they look.
    [Theory]
    [InlineData("LoyaltyDashboard.Webhooks.Doorkeeper", "LoyaltyDashboard.Ingest.IngestQueue", "in a field")]
    [InlineData("LoyaltyDashboard.Webhooks.WixDoor", "LoyaltyDashboard.Ingest.WebhookDelivery", "in a call inside an async method")]
    [InlineData("LoyaltyDashboard.Wix.WebhookDecoder", "LoyaltyDashboard.Imports.ImportObservation", "in the construction of an object")]
    [InlineData("LoyaltyDashboard.Storage.ImportJson", "LoyaltyDashboard.Imports.LoyaltyImport", "in a parameter")]
    [InlineData("LoyaltyDashboard.Live.LiveSetup", "LoyaltyDashboard.Live.ImportsHub", "in a type argument")]
    [InlineData("LoyaltyDashboard.Queries.ImportStreams", "LoyaltyDashboard.Queries.ImportFilterQuery", "in a lambda")]
    [InlineData("Program", "LoyaltyDashboard.Ingest.IngestSetup", "in the program")]
    public void Use_is_found(string from, string to, string where) => Assert.True(_references.Contains((from, to)), where);

    [Fact]
    public void Floors_forbid_looking_up_and_beside()
    {
        Assert.True(MayUse("Queries", "Storage") && MayUse("Following", "Ingest") && MayUse("", "Api") && MayUse("Api", "Api"));
        Assert.False(MayUse("Storage", "Queries") || MayUse("Ingest", "Following") || MayUse("Ingest", "Queries") || MayUse("Imports", "Storage") || MayUse("Api", "Export") || MayUse("Api", ""));
    }

    [Fact]
    public void Folder_of_a_type_is_its_room()
    {
        var source = Path.Combine(Root(), Product);
        var strays = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Folder: Path.GetDirectoryName(Path.GetRelativePath(source, file))!, Space: File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))))
            .Where(file => file.Space is not null && file.Folder.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj" or "Properties"))
            .Where(file => file.Space!.TrimEnd(';', ' ') != "namespace " + string.Join('.', (string[])[Product, .. file.Folder.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)]));

        Assert.Empty(strays);
    }

    [Theory]
    [InlineData("appsettings.json")]
    [InlineData("appsettings.Development.json")]
    public void Shipped_settings_are_strict_JSON_and_hold_no_address_and_no_key(string file)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), file)));

        var names = settings.RootElement.EnumerateObject().Select(p => p.Name).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.Empty(names.Except(["Logging", "AllowedHosts", "Sandbox"]));
    }

    [Fact]
    public void Shipped_settings_leave_the_sandbox_off()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), "appsettings.json")));

        Assert.False(settings.RootElement.TryGetProperty("Sandbox", out _));
    }

    private static bool MayUse(string room, string other) => room == other || Floor(other) < Floor(room) || _besides.Contains((room, other));

    private static int Floor(string room) => Array.FindIndex(_floors, floor => floor.Contains(room));

    private static bool IsOurs(string type) => type == "Program" || type.StartsWith(Product + ".", StringComparison.Ordinal);

    // LoyaltyDashboard.Components.Pages.X is of the room Components; what stands in no room is of the top floor.
    private static string RoomOf(string type) => type.Split('.') is [Product, var room, _, ..] ? room : string.Empty;

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, Product + ".sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("The solution is not above the tests.");
        }

        return directory.FullName;
    }
}
