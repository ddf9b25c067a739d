using System.Runtime.InteropServices;

namespace LoyaltyDashboard.Storage;

/// <summary>Files and directories for their owner alone. Where the system has no such modes, they are made as it makes them.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory. One that was there before may be shared with others (/tmp, a mount) and stays as it is.</summary>
    public static void CreateDirectory(string path)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            Directory.CreateDirectory(path);
        }
        else if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, ReadWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Opens a file, and makes it for the owner alone if it is not there.</summary>
    /// <exception cref="IOException">It is there and should not be, or somebody else holds it.</exception>
    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share };
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            options.UnixCreateMode = ReadWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>Takes a file that is there away from everybody else.</summary>
    public static void Restrict(string path)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows) && File.Exists(path))
        {
            File.SetUnixFileMode(path, ReadWrite);
        }
    }
}
