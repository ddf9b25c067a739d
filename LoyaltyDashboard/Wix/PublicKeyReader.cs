using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// Reads the public key in every form people paste it: a PEM, a PEM with literal <c>\n</c> or on one line, the base64 of a PEM or of the DER,
/// or the path of a file that holds one of these.
/// </summary>
public static class PublicKeyReader
{
    private const string SpkiLabel = "PUBLIC KEY";
    private const string Pkcs1Label = "RSA PUBLIC KEY";
    private const string PrivateKeyFault = "is a private key: paste the public key that Wix shows, and keep private keys out of this configuration";

    /// <summary>The shortest RSA key that is accepted, in bits. Wix's are 2048.</summary>
    public const int ShortestKeyBits = 2048;

    /// <summary>Reads a key.</summary>
    /// <param name="text">What stands in the configuration.</param>
    /// <param name="contentRoot">Where a relative path counts from.</param>
    /// <param name="key">The key; null if it could not be read. Holds parameters, not a handle, so it never has to be disposed.</param>
    /// <param name="fault">What is wrong, as the end of a sentence that begins with the configuration key; null if it was read.</param>
    public static bool TryRead(string? text, string contentRoot, out RsaSecurityKey? key, out string? fault)
    {
        key = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            fault = "is empty";
            return false;
        }

        if (TryReadFile(text, contentRoot, out var fromFile, out fault))
        {
            text = fromFile!;
        }
        else if (fault is not null)
        {
            return false;
        }

        return TryReadText(text, out key, out fault);
    }

    private static bool TryReadFile(string text, string contentRoot, out string? content, out string? fault)
    {
        (content, fault) = (null, null);
        var path = text.Trim();
        if (path.Contains('\n') || path.Contains("-----", StringComparison.Ordinal) || path.Length > 1024 || path.Contains('\0'))
        {
            return false;
        }

        var full = Path.GetFullPath(path, contentRoot);
        if (!File.Exists(full))
        {
            // A path that does not exist looks like base64 only by accident; say so rather than "not base64".
            if (path.EndsWith(".pem", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".pub", StringComparison.OrdinalIgnoreCase))
            {
                fault = $"names the file '{path}', which does not exist";
            }

            return false;
        }

        try
        {
            content = File.ReadAllText(full);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            fault = $"names the file '{path}', which could not be read: {exception.Message}";
            return false;
        }
    }

    private static bool TryReadText(string text, out RsaSecurityKey? key, out string? fault)
    {
        key = null;
        var unescaped = text.Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Trim().TrimStart('\uFEFF');
        if (!unescaped.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            if (!TryDecodeBase64(unescaped, out var bytes))
            {
                fault = "is neither a PEM, nor base64, nor the path of a file that exists";
                return false;
            }

            var inner = Encoding.UTF8.GetString(bytes);
            if (!inner.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                return TryImport(bytes, isSpki: true, out key, out fault);
            }

            unescaped = inner;
        }

        return TryReadPem(unescaped, out key, out fault);
    }

    private static bool TryReadPem(string pem, out RsaSecurityKey? key, out string? fault)
    {
        key = null;
        var begin = pem.IndexOf("-----BEGIN ", StringComparison.Ordinal) + "-----BEGIN ".Length;
        var labelEnd = pem.IndexOf("-----", begin, StringComparison.Ordinal);
        if (labelEnd < 0)
        {
            fault = "is a PEM whose first line is cut off";
            return false;
        }

        var label = pem[begin..labelEnd];
        if (label.Contains("PRIVATE", StringComparison.Ordinal))
        {
            fault = PrivateKeyFault;
            return false;
        }

        if (label is not (SpkiLabel or Pkcs1Label))
        {
            fault = $"is a PEM of a '{label}', not of a public key";
            return false;
        }

        var end = pem.IndexOf($"-----END {label}-----", labelEnd, StringComparison.Ordinal);
        if (end < 0 || !TryDecodeBase64(pem[(labelEnd + 5)..end], out var der))
        {
            fault = "is a PEM that is cut off or damaged";
            return false;
        }

        return TryImport(der, label == SpkiLabel, out key, out fault);
    }

    private static bool TryImport(byte[] der, bool isSpki, out RsaSecurityKey? key, out string? fault)
    {
        (key, fault) = (null, null);
        try
        {
            using var rsa = RSA.Create();
            int read;
            if (isSpki)
            {
                rsa.ImportSubjectPublicKeyInfo(der, out read);
            }
            else
            {
                rsa.ImportRSAPublicKey(der, out read);
            }

            if (read != der.Length)
            {
                fault = "holds more bytes than one key";
                return false;
            }

            if (rsa.KeySize < ShortestKeyBits)
            {
                fault = $"is an RSA key of {rsa.KeySize} bits; {ShortestKeyBits} is the least";
                return false;
            }

            key = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false));
            return true;
        }
        catch (CryptographicException)
        {
            fault = IsPrivateKey(der) ? PrivateKeyFault
                : IsKey<ECDsa>(ECDsa.Create, key => key.ImportSubjectPublicKeyInfo(der, out _)) ? "is a public key of an elliptic curve (EC), not an RSA public key"
                : "is not an RSA public key";
            return false;
        }
    }

    private static bool IsPrivateKey(byte[] der) =>
        IsKey<RSA>(RSA.Create, key => key.ImportPkcs8PrivateKey(der, out _))
        || IsKey<RSA>(RSA.Create, key => key.ImportRSAPrivateKey(der, out _))
        || IsKey<ECDsa>(ECDsa.Create, key => key.ImportPkcs8PrivateKey(der, out _))
        || IsKey<ECDsa>(ECDsa.Create, key => key.ImportECPrivateKey(der, out _));

    private static bool IsKey<T>(Func<T> create, Action<T> import) where T : AsymmetricAlgorithm
    {
        using var key = create();
        try
        {
            import(key);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool TryDecodeBase64(string text, out byte[] bytes)
    {
        bytes = [];
        var packed = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        if (packed.Length == 0)
        {
            return false;
        }

        packed = packed.TrimEnd('=');
        packed = packed.PadRight((packed.Length + 3) / 4 * 4, '=');
        var buffer = new byte[packed.Length];
        if (!Convert.TryFromBase64String(packed, buffer, out var written))
        {
            return false;
        }

        bytes = buffer[..written];
        return true;
    }
}
