namespace LoyaltyDashboard.Storage;

/// <summary>
/// One program per database. The operating system lets go of the lock when the process ends, however it ends; the file itself means nothing.
/// </summary>
internal static class DatabaseLock
{
    /// <summary>Takes the lock; disposing lets go of it.</summary>
    /// <param name="path">The database file.</param>
    /// <exception cref="InvalidOperationException">Another program holds it.</exception>
    public static FileStream Take(string path)
    {
        try
        {
            return OwnerOnly.Open(path + ".lock", FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new InvalidOperationException($"The database {path} is in use by another LoyaltyDashboard. Stop that one, or name another file in ConnectionStrings:Dashboard.", exception);
        }
    }
}
