using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>Keyed hashes of what names a person. Two of the same address are the same; without the key beside the database nobody can try addresses against them.</summary>
public sealed partial class PersonalHash(KeyDirectory keys)
{
    private const int DigitsShown = 8;

    private readonly Lazy<byte[]> _logKey = new(() => keys.Key("hashes in the log"), LazyThreadSafetyMode.PublicationOnly);
    private readonly Lazy<byte[]> _forgottenKey = new(() => keys.Key("forgotten addresses"), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>One form for all ways to write an address.</summary>
    public static string Folded(string address) => TextFold.Fold(address).Trim();

    /// <summary>What stands in <c>forgotten</c> for an address.</summary>
    /// <param name="folded">As <see cref="Folded"/> gives it.</param>
    public byte[] OfForgotten(string folded) => HMACSHA256.HashData(_forgottenKey.Value, Encoding.UTF8.GetBytes(folded));

    /// <summary>What stands in the log for something that names a person, the whole of it: <c>hash:0123abcd</c>.</summary>
    public string Of(string text) => "hash:" + Convert.ToHexStringLower(HMACSHA256.HashData(_logKey.Value, Encoding.UTF8.GetBytes(Folded(text))))[..DigitsShown];

    /// <summary>What people typed (a filter, a reason), fit for the log: each address in it is <c>hash:…</c>.</summary>
    public string Without(string typed) => Address().Replace(typed, match => Of(Uri.UnescapeDataString(match.Value)));

    // Also as it stands in a query string. Dots at the end belong to the sentence.
    [GeneratedRegex(@"[^\s<>""'`,;:()\[\]{}=&?/|\\]+(?:[@＠﹫]|%40)[^\s<>""'`,;:()\[\]{}=&?/|\\]*[^\s<>""'`,;:()\[\]{}=&?/|\\.!]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
