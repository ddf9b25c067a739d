using System.Security.Cryptography;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Ingest;

/// <summary>An observation with all that follows from it alone. Worked out on the thread of whoever brings it; the writer's own is for the database.</summary>
internal sealed class Sighting
{
    private Sighting(ImportObservation observation)
    {
        var import = observation.Import;
        var json = ImportJson.Write(import);
        Observation = observation;
        Key = IdKey.Pack(import.Id);
        Hash = SHA256.HashData(json);
        Json = PackedJson.Pack(json);
        EventJson = observation.Event is { } announcing ? ImportJson.Write(announcing) : null;
        Status = ImportStatusWords.Parse(import.Status);
        Mapping = MappingHealth.Judge(import);
        SearchText = ImportSummary.SearchText(import, observation.Event, observation.InstanceId);
        IsTest = observation.Event?.Id == WebhookDecoder.TestEventId;
    }

    /// <summary>What was seen.</summary>
    public ImportObservation Observation { get; }

    /// <summary>The import.</summary>
    public LoyaltyImport Import => Observation.Import;

    /// <summary>The import's id as it is stored.</summary>
    public byte[] Key { get; }

    /// <summary>SHA-256 of the import's canonical JSON.</summary>
    public byte[] Hash { get; }

    /// <summary>The import as it is stored.</summary>
    public byte[] Json { get; }

    /// <summary>The announcing event as it is stored; null without one.</summary>
    public byte[]? EventJson { get; }

    /// <summary>The status that is known.</summary>
    public ImportStatus Status { get; }

    /// <summary>What is said of the mapping.</summary>
    public MappingReport Mapping { get; }

    /// <summary>What is searched, while this is the only sighting.</summary>
    public string SearchText { get; }

    /// <summary>Whether Wix's Test button sent it.</summary>
    public bool IsTest { get; }

    /// <summary>Where it stands among other sightings of the import.</summary>
    public ObservationRank Rank => new(Import.Revision, Observation.Event?.EntityEventSequence, Import.UpdatedDate, Observation.Source, Status != ImportStatus.Unknown, Hash);

    /// <summary>Works it out.</summary>
    public static Sighting Of(ImportObservation observation) => new(observation);
}
