using System.Text.Json;

namespace LoyaltyDashboard.Imports;

/// <summary>The event that announced an import, in Wix's names.</summary>
public sealed record EventMetadata
{
    /// <summary>Id of the event; the same for every delivery of it.</summary>
    public string? Id { get; init; }

    /// <summary>Domain name of the entity, <c>wix.loyalty.imports.v1.loyalty_import</c>.</summary>
    public string? EntityFqdn { get; init; }

    /// <summary>What happened: <c>created</c>.</summary>
    public string? Slug { get; init; }

    /// <summary>Id of the import as the event states it.</summary>
    public string? EntityId { get; init; }

    /// <summary>When Wix raised the event.</summary>
    public DateTimeOffset? EventTime { get; init; }

    /// <summary>The envelope's event type. The SDK does not hand it on.</summary>
    public string? EventType { get; init; }

    /// <summary>Whether a privacy request caused the event.</summary>
    public bool? TriggeredByAnonymizeRequest { get; init; }

    /// <summary>What caused the event, where Wix says so.</summary>
    public string? OriginatedFrom { get; init; }

    /// <summary>Orders the events of one entity. Text of any length, ordered as a number where it is one.</summary>
    public string? EntityEventSequence { get; init; }

    /// <summary>The site's instance of the app.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Who caused the event: <c>identityType</c> and one id, as sent.</summary>
    public JsonElement? Identity { get; init; }

    /// <summary>Account and site, as sent.</summary>
    public JsonElement? AccountInfo { get; init; }
}
