using System.Collections.Concurrent;

namespace LoyaltyDashboard.Sandbox;

/// <summary>
/// What the stand-in knows: its sites and their imports. It outlives the process, since the dashboard keeps imports that are not finished and will ask for them again.
/// </summary>
public sealed class SandboxWorld
{
    private readonly ConcurrentDictionary<string, SandboxSite> _sites = new(ImportInventor.Sites.ToDictionary(site => site.InstanceId));
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, SandboxImport>> _imports = new();
    private readonly SandboxWorldFile _file;

    /// <summary>Reads what is known from before.</summary>
    public SandboxWorld(SandboxWorldFile file)
    {
        _file = file;
        foreach (var import in file.ReadAndCut())
        {
            Keep(import);
        }
    }

    /// <summary>All sites, in the order of their instances.</summary>
    public IReadOnlyCollection<SandboxSite> Sites => [.. _sites.Values.OrderBy(site => site.InstanceId, StringComparer.Ordinal)];

    /// <summary>A site by its instance of the app; null if the app is not installed there.</summary>
    public SandboxSite? Site(string instanceId) => _sites.GetValueOrDefault(instanceId);

    /// <summary>Installs the app on one more site, or names a site anew.</summary>
    public void AddSite(SandboxSite site) => _sites[site.InstanceId] = site;

    /// <summary>The imports of a site, in no order.</summary>
    public IReadOnlyCollection<SandboxImport> Imports(string instanceId) => _imports.TryGetValue(instanceId, out var imports) ? [.. imports.Values] : [];

    /// <summary>One import of a site; null if it has no such.</summary>
    public SandboxImport? Find(string instanceId, string importId) => _imports.TryGetValue(instanceId, out var imports) ? imports.GetValueOrDefault(importId) : null;

    /// <summary>An import that is not the given one, of another site where there is one; null if there is no other.</summary>
    public SandboxImport? OtherThan(SandboxImport import) =>
        _imports.OrderBy(site => site.Key == import.InstanceId).SelectMany(site => site.Value.Values).FirstOrDefault(other => other.Id != import.Id);

    /// <summary>Adds an import and remembers it beyond a restart. It is known to the API from now on, announced or not.</summary>
    /// <returns>The import as it stands: one whose id is known already stays as it was.</returns>
    public SandboxImport Add(SandboxImport import)
    {
        var kept = Keep(import);
        if (ReferenceEquals(kept, import))
        {
            _file.Append(import);
        }

        return kept;
    }

    private SandboxImport Keep(SandboxImport import)
    {
        _sites.TryAdd(import.InstanceId, new SandboxSite(import.InstanceId, import.InstanceId, $"Site {import.InstanceId}", "https://site.example.com/"));
        return _imports.GetOrAdd(import.InstanceId, _ => new()).GetOrAdd(import.Id, import);
    }
}
