namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>A folder that goes when it is disposed, on the same disk as the checkout.</summary>
internal sealed class TempFolder : IDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(Repository.Cache, "runs", Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>A file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
