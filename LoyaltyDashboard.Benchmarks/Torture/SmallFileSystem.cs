using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>A file system of one's own with little room: a file with ext4 in it, or memory where that is refused. Needs root.</summary>
internal sealed class SmallFileSystem : IAsyncDisposable
{
    private SmallFileSystem(string path, string kind) => (Path, Kind) = (path, kind);

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>What it is, in words.</summary>
    public string Kind { get; }

    /// <summary>Makes one below a folder; null where this may not be done.</summary>
    public static async Task<SmallFileSystem?> TryMountAsync(string folder, int megabytes)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(folder, "small")).FullName;
        try
        {
            var image = System.IO.Path.Combine(folder, "small.img");
            await using (var file = new FileStream(image, FileMode.CreateNew))
            {
                file.SetLength(megabytes * 1024L * 1024);
            }

            await ShellCommand.RunAsync("mkfs.ext4", ["-q", "-m", "0", image], folder);
            await ShellCommand.RunAsync("mount", ["-o", "loop", image, path], folder);
            return new(path, Text.Of($"ext4 of {megabytes} MB"));
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
        }

        try
        {
            await ShellCommand.RunAsync("mount", ["-t", "tmpfs", "-o", Text.Of($"size={megabytes}m"), "tmpfs", path], folder);
            return new(path, Text.Of($"tmpfs of {megabytes} MB"));
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ShellCommand.RunAsync("umount", [Path], "/");
}
