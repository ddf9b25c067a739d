using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>
/// What ties the lines of the audit log together: each holds a keyed hash of itself and of the hash before it. The newest stands beside the database, too, so that a tail that was cut off
/// shows. A crash may leave that one behind by a few lines, never ahead.
/// </summary>
public sealed class AuditChain(KeyDirectory keys)
{
    private const string HeadName = "audit.head";

    private readonly Lazy<byte[]> _key = new(() => keys.Key("audit log"), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The hash before the first line.</summary>
    public static byte[] Beginning { get; } = new byte[HMACSHA256.HashSizeInBytes];

    /// <summary>The hash of a line.</summary>
    /// <param name="before">The hash of the line before.</param>
    /// <param name="line">The line; its own hash is not looked at.</param>
    public byte[] Hash(ReadOnlySpan<byte> before, AuditRecord line)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key.Value);
        hash.AppendData(before);
        Append(hash, line.RowId);
        Append(hash, UtcTicks.From(line.At));
        foreach (var text in (string?[])[line.Actor, line.Action, line.Subject, line.Detail])
        {
            // With its length, so that no letter can move from one field to the next; absent is not empty.
            var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
            Append(hash, text is null ? -1 : bytes.Length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The newest line as it is noted beside the database; null if nothing is.</summary>
    public AuditHead? Head()
    {
        try
        {
            var head = File.ReadAllBytes(HeadFile);
            return head.Length == sizeof(long) + HMACSHA256.HashSizeInBytes ? new(BinaryPrimitives.ReadInt64BigEndian(head), head[sizeof(long)..]) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // A command that was run by another user leaves a note of theirs. The next one replaces it; until then nothing is to stand still for it.
            return null;
        }
    }

    /// <summary>Notes the newest line beside the database, once it is committed.</summary>
    public void NoteHead(AuditHead head)
    {
        Span<byte> content = stackalloc byte[sizeof(long) + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(content, head.RowId);
        head.Hash.CopyTo(content[sizeof(long)..]);
        keys.Replace(HeadName, content);
    }

    private string HeadFile => Path.Combine(keys.Path, HeadName);

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}

/// <summary>One line of the audit log, and its hash.</summary>
public sealed record AuditHead(long RowId, byte[] Hash);
