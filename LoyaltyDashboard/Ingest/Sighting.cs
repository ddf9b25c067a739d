using System.Security.Cryptography;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Ingest;

/// <summary>An observation with all that follows from it alone. Worked out on the thread of whoever brings it; the writer's own is for the database.</summary>
internal sealed class Sighting
{
    private Sighting(ImportObservation seen, Kept kept)
    {
        // What was seen tells two sightings apart, and whether a file is mapped well, whatever of it is kept.
        var json = ImportJson.Write(seen.Import);
        Key = IdKey.Pack(seen.Import.Id);
        Hash = SHA256.HashData(json);
        Mapping = MappingHealth.Judge(seen.Import);
        IsTest = seen.Event?.Id == WebhookDecoder.TestEventId;
        (Observation, RemovedFor, JudgedAt, Oldest) = (kept.Observation, kept.Reason, kept.At, kept.Oldest);
        var import = Observation.Import;
        Json = PackedJson.Pack(ReferenceEquals(import, seen.Import) ? json : ImportJson.Write(import));
        EventJson = Observation.Event is { } announcing ? ImportJson.Write(announcing) : null;
        Status = ImportStatusWords.Parse(import.Status);
        SearchText = ImportSummary.SearchText(import, Observation.Event, Observation.InstanceId);
    }

    private Sighting(Sighting whole, RemovalReason reason)
    {
        (Key, Hash, Mapping, IsTest, Status, RemovedFor, JudgedAt, Oldest) = (whole.Key, whole.Hash, whole.Mapping, whole.IsTest, whole.Status, reason, whole.JudgedAt, whole.Oldest);
        Observation = Keeping.WithoutSamples(whole.Observation);
        Json = PackedJson.Pack(ImportJson.Write(Observation.Import));
        EventJson = Observation.Event is { } announcing ? ImportJson.Write(announcing) : null;
        SearchText = ImportSummary.SearchText(Observation.Import, Observation.Event, Observation.InstanceId);
    }

    /// <summary>What of it may be kept.</summary>
    public ImportObservation Observation { get; }

    /// <summary>Why less is kept than was seen.</summary>
    public RemovalReason RemovedFor { get; }

    /// <summary>When that was decided.</summary>
    public DateTimeOffset JudgedAt { get; }

    /// <summary>Of an import that arrived before, no samples are kept.</summary>
    public DateTimeOffset Oldest { get; }

    /// <summary>The import.</summary>
    public LoyaltyImport Import => Observation.Import;

    /// <summary>The import's id as it is stored.</summary>
    public byte[] Key { get; }

    /// <summary>SHA-256 of the canonical JSON of the import as it was seen.</summary>
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
    /// <param name="seen">What was seen.</param>
    /// <param name="keeping">Says what of it may be kept; null: all.</param>
    public static Sighting Of(ImportObservation seen, Keeping? keeping) => new(seen, keeping?.Judge(seen) ?? new Kept(seen, RemovalReason.None, seen.ObservedAt, DateTimeOffset.MinValue));

    /// <summary>The same without samples, where the import turns out to be too old for them, or somebody in it asked to be made anonymous.</summary>
    public Sighting For(DateTimeOffset arrived, RemovalReason removedBefore) =>
        removedBefore == RemovalReason.Anonymized && RemovedFor != RemovalReason.Anonymized ? new(this, RemovalReason.Anonymized)
        : arrived < Oldest && PersonalData.HasSamples(Import) ? new(this, RemovalReason.Expired)
        : this;
}
