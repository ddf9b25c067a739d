using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class PublicKeyReaderTests : IDisposable
{
    private const string PrivateKeyFault = "is a private key: paste the public key that Wix shows, and keep private keys out of this configuration";

    private static readonly RSA _rsa = RSA.Create(2048);
    private static readonly string _pem = _rsa.ExportSubjectPublicKeyInfoPem();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("loyalty-");

    public static TheoryData<string, string> Forms => new()
    {
        { "PEM", _pem },
        { "PEM with CRLF", _pem.ReplaceLineEndings("\r\n") },
        { "PEM with blanks around", $"\n  {_pem}  \n" },
        { "PEM with literal \\n", _pem.ReplaceLineEndings("\\n") },
        { "PEM with literal \\r\\n", _pem.ReplaceLineEndings("\\r\\n") },
        { "PEM on one line", _pem.ReplaceLineEndings(" ") },
        { "PEM without breaks", _pem.ReplaceLineEndings("") },
        { "PEM after a byte order mark", "\uFEFF" + _pem },
        { "PEM with a comment above", "the key of our app\n" + _pem },
        { "base64 of a PEM", Base64(_pem) },
        { "base64 of a PEM, wrapped", Wrap(Base64(_pem)) },
        { "base64 of the DER", Convert.ToBase64String(_rsa.ExportSubjectPublicKeyInfo()) },
        { "base64 of the DER, wrapped", Wrap(Convert.ToBase64String(_rsa.ExportSubjectPublicKeyInfo())) },
        { "base64 of the DER without padding", Convert.ToBase64String(_rsa.ExportSubjectPublicKeyInfo()).TrimEnd('=') },
        { "PKCS#1 PEM", _rsa.ExportRSAPublicKeyPem() },
    };

    public static TheoryData<string, string, string> Refused => new()
    {
        { "nothing", "", "is empty" },
        { "blanks", " \n ", "is empty" },
        { "words", "paste key here!", "is neither a PEM, nor base64, nor the path of a file that exists" },
        { "base64 of something else", Base64("hello"), "is not an RSA public key" },
        { "missing file", "keys/wix.pem", "names the file 'keys/wix.pem', which does not exist" },
        { "PKCS#8 private key", _rsa.ExportPkcs8PrivateKeyPem(), PrivateKeyFault },
        { "PKCS#1 private key", _rsa.ExportRSAPrivateKeyPem(), PrivateKeyFault },
        { "base64 of a private PEM", Base64(_rsa.ExportPkcs8PrivateKeyPem()), PrivateKeyFault },
        { "base64 of a private DER", Convert.ToBase64String(_rsa.ExportPkcs8PrivateKey()), PrivateKeyFault },
        { "base64 of a private PKCS#1 DER", Convert.ToBase64String(_rsa.ExportRSAPrivateKey()), PrivateKeyFault },
        { "private EC key", Ec(key => Convert.ToBase64String(key.ExportPkcs8PrivateKey())), PrivateKeyFault },
        { "EC key", Ec(key => key.ExportSubjectPublicKeyInfoPem()), "is a public key of an elliptic curve (EC), not an RSA public key" },
        { "base64 of an EC key", Ec(key => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())), "is a public key of an elliptic curve (EC), not an RSA public key" },
        { "certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "is a PEM of a 'CERTIFICATE', not of a public key" },
        { "short key", ShortKey(), "is an RSA key of 1024 bits; 2048 is the least" },
        { "PEM cut in its first line", "-----BEGIN PUBLIC K", "is a PEM whose first line is cut off" },
        { "PEM cut off", _pem[..200], "is a PEM that is cut off or damaged" },
        { "PEM with a stray letter", _pem.Replace("MII", "MI*", StringComparison.Ordinal), "is a PEM that is cut off or damaged" },
        { "PEM with nothing in it", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "is a PEM that is cut off or damaged" },
        { "two keys in one", Convert.ToBase64String([.. _rsa.ExportSubjectPublicKeyInfo(), .. _rsa.ExportSubjectPublicKeyInfo()]), "holds more bytes than one key" },
    };

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Key_is_read_in_every_form_people_paste_it(string label, string text)
    {
        Assert.True(PublicKeyReader.TryRead(text, _root.FullName, out var key, out var fault), $"{label}: {fault}");

        Assert.Null(fault);
        Assert.Equal(_rsa.ExportParameters(false).Modulus, key!.Parameters.Modulus);
        Assert.Null(key.Parameters.D);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void File_may_hold_any_form_and_a_relative_path_counts_from_the_content_root(string label, string text)
    {
        Directory.CreateDirectory(Path.Combine(_root.FullName, "keys"));
        File.WriteAllText(Path.Combine(_root.FullName, "keys", "wix"), text);

        Assert.True(PublicKeyReader.TryRead(" keys/wix\t", _root.FullName, out _, out var fault), $"{label}: {fault}");
        Assert.True(PublicKeyReader.TryRead(Path.Combine(_root.FullName, "keys", "wix"), "/elsewhere", out _, out _), label);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Other_text_is_refused_by_name(string label, string text, string expected)
    {
        Assert.False(PublicKeyReader.TryRead(text, _root.FullName, out var key, out var fault), label);

        Assert.Equal((label, expected, null), (label, fault, key));
    }

    [Fact]
    public void Private_key_in_a_file_is_refused_by_name()
    {
        File.WriteAllText(Path.Combine(_root.FullName, "wix.pem"), _rsa.ExportPkcs8PrivateKeyPem());

        Assert.False(PublicKeyReader.TryRead("wix.pem", _root.FullName, out _, out var fault));
        Assert.Equal(PrivateKeyFault, fault);
    }

    [Fact]
    public void Fault_never_shows_the_key()
    {
        var text = _rsa.ExportPkcs8PrivateKeyPem();

        PublicKeyReader.TryRead(text, _root.FullName, out _, out var fault);

        Assert.DoesNotContain(text[40..80], fault);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Wrap(string text) => string.Join('\n', text.Chunk(64).Select(line => new string(line)));

    private static string Ec(Func<ECDsa, string> export)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return export(key);
    }

    private static string ShortKey()
    {
        using var key = RSA.Create(1024);
        return key.ExportSubjectPublicKeyInfoPem();
    }
}
