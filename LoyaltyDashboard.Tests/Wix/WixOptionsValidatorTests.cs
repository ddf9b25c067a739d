using System.Security.Cryptography;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixOptionsValidatorTests
{
    private const string Example = """for example Wix__PublicKeys__0="-----BEGIN PUBLIC KEY-----\nMIIB…\n-----END PUBLIC KEY-----", or the path of a file that holds it.""";

    private static readonly string _good = GoodKey();

    [Fact]
    public void Good_keys_pass() => Assert.True(Validate(_good, _good).Succeeded);

    [Fact]
    public void No_key_names_the_setting_an_example_and_the_way_without_Wix()
    {
        var failure = Assert.Single(Validate().Failures!);

        Assert.StartsWith("Wix:PublicKeys is missing, so no webhook could be verified. ", failure);
        Assert.Contains(Example, failure);
        Assert.EndsWith("To try the dashboard without Wix, set Sandbox:Enabled=true in the Development environment.", failure);
    }

    [Theory]
    [InlineData("", "Wix:PublicKeys:1 is empty. ")]
    [InlineData("rubbish!", "Wix:PublicKeys:1 is neither a PEM, nor base64, nor the path of a file that exists. ")]
    [InlineData("wix.pem", "Wix:PublicKeys:1 names the file 'wix.pem', which does not exist. ")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "Wix:PublicKeys:1 is a private key: paste the public key that Wix shows, and keep private keys out of this configuration. ")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "Wix:PublicKeys:1 is a PEM of a 'CERTIFICATE', not of a public key. ")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA", "Wix:PublicKeys:1 is a PEM that is cut off or damaged. ")]
    public void Bad_key_names_its_setting_its_fault_and_an_example(string key, string beginning)
    {
        var failure = Assert.Single(Validate(_good, key).Failures!);

        Assert.StartsWith(beginning, failure);
        Assert.EndsWith(Example, failure);
    }

    [Fact]
    public void Every_bad_key_is_told() => Assert.Equal(2, Validate("bad!", _good, "worse!").Failures!.Count());

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(params string[] keys)
    {
        var options = new WixOptions();
        foreach (var key in keys)
        {
            options.PublicKeys.Add(key);
        }

        return new WixOptionsValidator(new HostIn(Path.GetTempPath())).Validate(null, options);
    }

    private static string GoodKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportSubjectPublicKeyInfoPem();
    }
}
