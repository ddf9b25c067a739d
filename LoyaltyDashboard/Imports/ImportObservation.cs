namespace LoyaltyDashboard.Imports;

/// <summary>Through which door an import was seen. The order breaks ties: a later one wins.</summary>
public enum ObservationSource
{
    /// <summary>Forwarded by code that runs on Wix, as the JavaScript SDK hands it out.</summary>
    Sdk = 0,

    /// <summary>A webhook signed by Wix.</summary>
    Webhook = 1,

    /// <summary>An answer of the Wix Imports API.</summary>
    Api = 2,
}

/// <summary>One sighting of one import: at this moment, through this door, it looked like this.</summary>
public sealed record ImportObservation
{
    /// <summary>The import as it looked.</summary>
    public required LoyaltyImport Import { get; init; }

    /// <summary>The door.</summary>
    public required ObservationSource Source { get; init; }

    /// <summary>When we saw it.</summary>
    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>The site's instance of the app, where the door knows it.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The announcing event; absent for the API.</summary>
    public EventMetadata? Event { get; init; }

    /// <summary>Paths of fields that were sent but could not be read; they are absent in <see cref="Import"/>.</summary>
    public IReadOnlyList<string> UnreadableFields { get; init; } = [];
}
