using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LoyaltyDashboard.Access;

/// <summary>Secrets that are handed out once and kept as their hash: of keys, links and sessions. Each is random and long, so a plain hash cannot be guessed back.</summary>
internal static class Secret
{
    private const int Bytes = 32;

    /// <summary>A new one, fit for an address and a header.</summary>
    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is kept of one.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
