using System.Security.Cryptography;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixOptionsValidatorTests
{
    private const string Example = """for example Wix__PublicKeys__0="-----BEGIN PUBLIC KEY-----\nMIIB…\n-----END PUBLIC KEY-----", or the path of a file that holds it.""";

    private const string GoodSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

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

    [Fact]
    public void Secret_of_the_second_door_is_enough() => Assert.True(Validate(new WixOptions { SdkSecrets = { new() { Secret = GoodSecret } } }).Succeeded);

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_not base64 but long enough to be one!")]
    public void Bad_secret_names_its_setting_and_a_way_to_a_good_one_and_never_itself(string secret)
    {
        var failure = Assert.Single(Validate(new WixOptions { PublicKeys = { _good }, SdkSecrets = { new() { Secret = GoodSecret }, new() { Secret = secret } } }).Failures!);

        Assert.Equal("Wix:SdkSecrets:1:Secret is not whsec_ followed by the base64 of 24 to 64 bytes. Make one with: echo whsec_$(openssl rand -base64 32)", failure);
    }

    [Theory]
    [InlineData("id", null, "Wix:AppSecret is missing beside Wix:AppId; ")]
    [InlineData(" ", "secret", "Wix:AppId is missing beside Wix:AppSecret; ")]
    public void Half_of_the_app_s_credentials_names_the_other_half(string? id, string? secret, string beginning) =>
        Assert.StartsWith(beginning, Assert.Single(Validate(new WixOptions { PublicKeys = { _good }, AppId = id, AppSecret = secret }).Failures!), StringComparison.Ordinal);

    [Theory]
    [InlineData("www.wixapis.com")]
    [InlineData("http://www.wixapis.com")]
    [InlineData("ftp://www.wixapis.com")]
    [InlineData("https://www.wixapis.com/?a=b")]
    [InlineData("https://user:secret@www.wixapis.com")]
    public void Bad_address_of_the_API_names_a_good_one(string address) => Assert.Equal(
        "Wix:ApiBaseUrl is no https address (http only on this machine) without a query. A good one is: https://www.wixapis.com",
        Assert.Single(Validate(new WixOptions { PublicKeys = { _good }, ApiBaseUrl = address }).Failures!));

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

        return Validate(options);
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(WixOptions options) => new WixOptionsValidator(new HostIn(Path.GetTempPath())).Validate(null, options);

    private static string GoodKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportSubjectPublicKeyInfoPem();
    }
}
