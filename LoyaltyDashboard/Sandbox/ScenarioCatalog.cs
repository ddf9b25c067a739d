namespace LoyaltyDashboard.Sandbox;

/// <summary>Something the sandbox can let happen.</summary>
/// <param name="Name">What <c>--scenario</c> takes.</param>
/// <param name="Title">What a menu shows.</param>
/// <param name="Weight">How often it comes by itself; 0 for only on request.</param>
public sealed record Scenario(string Name, string Title, int Weight)
{
    /// <summary>Whether it is an import that the sandbox's API knows, and not some other event.</summary>
    public bool IsImport => Weight > 0;
}

/// <summary>All scenarios. <see cref="ImportInventor"/> knows how each looks.</summary>
public static class ScenarioCatalog
{
    /// <summary>In the order a menu shows them.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("initiated", "Just created", 3),
        new("parsing", "Being parsed", 2),
        new("parsed", "Waits for Execute", 3),
        new("importing", "Being imported", 2),
        new("imported", "Imported, every row", 6),
        new("partial-failures", "Imported with failures", 3),
        new("failed-parsing", "Parsing failed", 2),
        new("swapped-mapping", "E-mail and points swapped", 1),
        new("bad-points", "Points that are no numbers", 1),
        new("missing-mapping", "Points not mapped", 1),
        new("huge-file", "A huge file", 1),
        new("unicode", "Names in many scripts", 1),
        new("hostile-names", "Hostile file name", 1),
        new("test-event", "Wix test event", 0),
        new("other-event", "Another event type", 0),
        new("app-removed", "App removed", 0),
        new("no-import", "Event without an import", 0),
    ];

    /// <summary>A scenario by name; null if there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);
}
