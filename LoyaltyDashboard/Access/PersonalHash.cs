using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>Keyed hashes of what names a person. Two of the same address are the same; without the key beside the database nobody can try addresses against them.</summary>
public sealed class PersonalHash(KeyDirectory keys)
{
    private const int DigitsShown = 8;

    private static readonly System.Buffers.SearchValues<char> _endings = System.Buffers.SearchValues.Create("&?/|='`");

    private readonly Lazy<byte[]> _logKey = new(() => keys.Key("hashes in the log"), LazyThreadSafetyMode.PublicationOnly);
    private readonly Lazy<byte[]> _forgottenKey = new(() => keys.Key("forgotten addresses"), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>One form for all ways to write an address.</summary>
    public static string Folded(string address) => TextFold.Fold(address).Trim();

    /// <summary>What stands in <c>forgotten</c> for an address.</summary>
    /// <param name="folded">As <see cref="Folded"/> gives it.</param>
    public byte[] OfForgotten(string folded) => HMACSHA256.HashData(_forgottenKey.Value, Encoding.UTF8.GetBytes(folded));

    /// <summary>What stands in the log for something that names a person, the whole of it: <c>hash:0123abcd</c>.</summary>
    public string Of(string text) => "hash:" + Convert.ToHexStringLower(HMACSHA256.HashData(_logKey.Value, Encoding.UTF8.GetBytes(Folded(text))))[..DigitsShown];

    /// <summary>The same for a text of which each letter counts, such as a secret.</summary>
    public string OfExactly(string text) => "hash:" + Convert.ToHexStringLower(HMACSHA256.HashData(_logKey.Value, Encoding.UTF8.GetBytes(text)))[..DigitsShown];

    /// <summary>What people typed (a filter, a reason), fit for the log: each address in it is <c>hash:…</c>.</summary>
    public string Without(string typed)
    {
        var clean = new StringBuilder();
        var end = 0;
        foreach (var found in FoundAddress.AllIn(typed))
        {
            var (begin, until) = (BeginOf(typed, found), UntilOf(typed, found));
            clean.Append(typed, end, begin - end).Append(Of(Uri.UnescapeDataString(typed.AsSpan(begin, until - begin))));
            end = until;
        }

        return end == 0 ? typed : clean.Append(typed, end, typed.Length - end).ToString();
    }

    // One person has one hash, whether the address stands in brackets, in a link or in a filter's query string.
    private static int BeginOf(string typed, FoundAddress found)
    {
        var begin = found.Begin;
        while (begin < found.At && "(<[{'`".Contains(typed[begin]))
        {
            begin++;
        }

        foreach (var before in (string[])["q=", "mailto:"])
        {
            begin += typed.AsSpan(begin, found.At - begin).StartsWith(before, StringComparison.OrdinalIgnoreCase) ? before.Length : 0;
        }

        return begin;
    }

    private static int UntilOf(string typed, FoundAddress found) =>
        typed.AsSpan(found.Domain, found.Until - found.Domain).IndexOfAny(_endings) is >= 0 and var next ? found.Domain + next : found.Until;
}
