namespace LoyaltyDashboard.Storage;

/// <summary>
/// The columns of plain text, beside the documents and bodies, in which somebody else's words stand: an address can be in any of them. What forgets a person goes through them all, and what comes
/// in is judged before it is written there.
/// </summary>
public static class PersonalTexts
{
    /// <summary>Each table with its columns.</summary>
    public static IReadOnlyList<(string Table, IReadOnlyList<string> Columns)> Tables { get; } =
    [
        ("imports", ["StatusWord", "Revision", "EntityEventSequence", "StuckReason", "FirstFinding"]),
        ("import_documents", ["UnreadableFields"]),
        ("observations", ["Status", "Revision", "EntityEventSequence"]),
        ("deliveries", ["Cause", "EventType", "EventId"]),
        ("sites", ["Name", "Url", "LinkReason", "LastOddAnswer"]),
    ];

    /// <summary>The condition that an address may stand in a column, in any of the forms in which one is looked for.</summary>
    public static string MayHoldAddress(string column) => $"({column} GLOB '*[@＠﹫]*' OR instr({column}, '%40') > 0)";
}
