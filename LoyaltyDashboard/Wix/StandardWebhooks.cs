using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace LoyaltyDashboard.Wix;

/// <summary>Whether a request is signed, and for whom the signers may speak.</summary>
public sealed class WebhookSignature
{
    // The sites of the secrets that signed it; null for one that speaks for any site.
    private readonly IReadOnlyList<string?> _sites;

    internal WebhookSignature(string? fault, IReadOnlyList<string?> sites) => (Fault, _sites) = (fault, sites);

    /// <summary>What is wrong and how to mend it, in two sentences; null when it is authentic.</summary>
    public string? Fault { get; }

    /// <summary>Whether a secret that signed it may speak for a site; null is an event that names none.</summary>
    public bool SpeaksFor(string? instanceId) => _sites.Any(site => site is null || site == instanceId);
}

/// <summary>
/// Checks signatures of the <a href="https://www.standardwebhooks.com">Standard Webhooks</a> scheme, HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>, with the secrets of
/// <see cref="WixOptions.SdkSecrets"/>. It takes the same time whichever secret signed, and tells strangers nothing about any of them.
/// </summary>
public sealed class StandardWebhooks(IOptions<WixOptions> options, TimeProvider time)
{
    /// <summary>How far a timestamp may be from our clock, either way.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Letters of a <c>webhook-id</c>.</summary>
    public const int LongestId = 256;

    /// <summary>Letters of a <c>webhook-signature</c>: room for some eighty signatures.</summary>
    public const int LongestSignatures = 4_096;

    private const string IdHeader = "webhook-id";
    private const string TimestampHeader = "webhook-timestamp";
    private const string SignatureHeader = "webhook-signature";
    private const string SecretPrefix = "whsec_";
    private const string Version = "v1,";
    private const string HowToSign = "Sign \"{webhook-id}.{webhook-timestamp}.{body}\" with HMAC-SHA256 and the bytes that the secret's base64 stands for, and send v1,<base64 of the result>.";

    // Of 9999-12-31; a DateTimeOffset holds no later one.
    private const long LastSecond = 253_402_300_799;

    private readonly IReadOnlyList<(byte[] Key, string? Site)> _secrets =
        [.. options.Value.SdkSecrets.Select(s => (Convert.FromBase64String(s.Secret[SecretPrefix.Length..]), Site(s.InstanceId)))];

    /// <summary>Whether there is any secret to check with.</summary>
    public bool HasSecrets => _secrets.Count > 0;

    /// <summary>Checks one request.</summary>
    public WebhookSignature Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        var (id, timestamp, signatures) = (headers[IdHeader], headers[TimestampHeader], headers[SignatureHeader]);
        if ((FaultOf(IdHeader, id, LongestId) ?? FaultOf(TimestampHeader, timestamp, LongestId) ?? FaultOf(SignatureHeader, signatures, LongestSignatures) ?? FaultOfTime(timestamp.ToString())) is { } fault)
        {
            return Refused(fault);
        }

        var candidates = signatures.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(s => s.StartsWith(Version, StringComparison.Ordinal)).ToList();
        if (candidates.Count == 0)
        {
            return Refused($"{SignatureHeader} holds no signature of version v1. {HowToSign}");
        }

        var decoded = candidates.Select(Decode).OfType<byte[]>().ToList();
        if (decoded.Count == 0)
        {
            return Refused($"{SignatureHeader} holds no base64 of the {SHA256.HashSizeInBytes} bytes of an HMAC-SHA256. {HowToSign}");
        }

        var sites = Signers(Encoding.ASCII.GetBytes($"{id}.{timestamp}."), body, decoded);
        return sites.Count > 0 ? new(null, sites) : Refused($"No secret of this dashboard made this signature, or the body was changed after it was signed. {HowToSign}");
    }

    // Every signature is compared with every secret, whatever the ones before gave.
    private List<string?> Signers(byte[] prefix, ReadOnlySpan<byte> body, List<byte[]> signatures)
    {
        var sites = new List<string?>();
        foreach (var (key, site) in _secrets)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(prefix);
            hmac.AppendData(body);
            var expected = hmac.GetHashAndReset();
            var isSigner = false;
            foreach (var signature in signatures)
            {
                isSigner |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }

            if (isSigner)
            {
                sites.Add(site);
            }
        }

        return sites;
    }

    private static WebhookSignature Refused(string fault) => new(fault, []);

    private static string? FaultOf(string name, StringValues values, int longest)
    {
        var value = values.ToString();
        return value.Length == 0 ? $"The header {name} is missing. Every request carries {IdHeader}, {TimestampHeader} and {SignatureHeader}, as Standard Webhooks names them."
            : values.Count > 1 ? $"The header {name} was sent more than once. Send it once; several signatures stand in one header with a space between them."
            : value.Length > longest ? $"The header {name} is longer than {longest} letters. Shorten it."
            : value.Any(c => c is < ' ' or > '~') ? $"The header {name} holds letters outside of ASCII. Leave them out."
            : null;
    }

    private string? FaultOfTime(string timestamp)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > LastSecond)
        {
            return $"{TimestampHeader} is no count of seconds since 1970. Send for example Math.floor(Date.now() / 1000).";
        }

        var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds);
        return age.Duration() <= Tolerance ? null
            : $"{TimestampHeader} is more than {Tolerance.TotalMinutes} minutes {(age > TimeSpan.Zero ? "old" : "ahead")}. Sign again at every try, and set the clocks of both machines.";
    }

    // As Wix writes a GUID, however the operator pasted it: in other letters an id is another site, here as in the database.
    private static string? Site(string? instanceId) =>
        string.IsNullOrWhiteSpace(instanceId) ? null : Guid.TryParse(instanceId, out var guid) ? guid.ToString("D") : instanceId.Trim();

    private static byte[]? Decode(string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature[Version.Length..], bytes, out var length) && length == SHA256.HashSizeInBytes ? bytes[..length] : null;
    }
}
