using System.Security.Cryptography;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>
/// The directory beside the database for the keys that guard what is in it, for the owner alone: <c>data/loyalty-dashboard-keys/</c> for <c>data/loyalty-dashboard.db</c>. Whoever keeps a
/// copy of the database keeps a copy of this, in another place.
/// </summary>
public sealed class KeyDirectory
{
    private const int KeyLength = 32;

    private readonly Lazy<byte[]> _privacyKey;

    /// <summary>Of the database that a connection names. Nothing is made before it is needed.</summary>
    public KeyDirectory(SqliteConnectionStringBuilder connection)
        : this(connection.DataSource)
    {
    }

    /// <summary>Of a database file.</summary>
    public KeyDirectory(string database)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(database)!, System.IO.Path.GetFileNameWithoutExtension(database) + "-keys");
        _privacyKey = new(() => File.Exists(PrivacyKeyFile) ? Read(PrivacyKeyFile) : Make(), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Full path of the directory. It may not be there yet: <see cref="Create"/>.</summary>
    public string Path { get; }

    /// <summary>Where the key stands that the others are drawn from.</summary>
    public string PrivacyKeyFile => System.IO.Path.Combine(Path, "privacy.key");

    /// <summary>Makes the directory, if it is not there.</summary>
    public void Create()
    {
        OwnerOnly.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        OwnerOnly.CreateDirectory(Path);
    }

    /// <summary>A key for one purpose, always the same. The one that all are drawn from is made when first asked for.</summary>
    /// <exception cref="InvalidOperationException">The file is there, but holds no key.</exception>
    /// <exception cref="IOException">The file can be neither read nor made.</exception>
    public byte[] Key(string purpose) => HKDF.Expand(HashAlgorithmName.SHA256, _privacyKey.Value, KeyLength, System.Text.Encoding.UTF8.GetBytes("LoyaltyDashboard " + purpose));

    /// <summary>Puts a whole file into the place of one that may be there: whenever the machine stops, the old or the new is there, never a part.</summary>
    public void Replace(string name, ReadOnlySpan<byte> content)
    {
        Create();
        var unfinished = Unfinished(name, content);
        File.Move(unfinished, System.IO.Path.Combine(Path, name), overwrite: true);
    }

    private byte[] Make()
    {
        Create();
        var unfinished = Unfinished("privacy.key", RandomNumberGenerator.GetBytes(KeyLength));
        try
        {
            File.Move(unfinished, PrivacyKeyFile, overwrite: false);
        }
        catch (IOException) when (File.Exists(PrivacyKeyFile))
        {
            // Another program made it at the same moment; there is one key.
            File.Delete(unfinished);
        }

        return Read(PrivacyKeyFile);
    }

    private string Unfinished(string name, ReadOnlySpan<byte> content)
    {
        var path = System.IO.Path.Combine(Path, $"{name}.{Guid.NewGuid():N}.unfinished");
        using var file = OwnerOnly.Open(path, FileMode.CreateNew);
        file.Write(content);
        file.Flush(flushToDisk: true);
        return path;
    }

    private static byte[] Read(string path)
    {
        var key = File.ReadAllBytes(path);
        return key.Length == KeyLength
            ? key
            : throw new InvalidOperationException($"{path} holds no key of {KeyLength} bytes. Put back the file that belongs to this database; without it the audit log cannot be checked and forgotten addresses are not known again.");
    }
}
