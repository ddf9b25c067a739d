using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class TokenVerifierTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly long _seconds = _now.ToUnixTimeSeconds();
    private static readonly RSA _key = RSA.Create(2048);
    private static readonly RSA _older = RSA.Create(2048);

    private readonly FakeTimeProvider _time = new(_now);
    private readonly TokenVerifier _verifier;

    public TokenVerifierTests()
    {
        var options = new WixOptions();
        options.PublicKeys.Add(_older.ExportSubjectPublicKeyInfoPem());
        options.PublicKeys.Add(_key.ExportSubjectPublicKeyInfoPem());
        _verifier = new TokenVerifier(Options.Create(options), new HostIn(Path.GetTempPath()), _time);
    }

    [Fact]
    public async Task Token_of_Wix_is_authentic_and_its_claims_are_handed_on_as_signed()
    {
        var claims = $$"""{ "data" : "{}", "iat":{{_seconds}},"exp":{{_seconds + 3_600_000}} }""";

        var result = await VerifyAsync(WixWebhook.SignClaims(claims, _key));

        Assert.Equal((TokenVerdict.Authentic, claims, null), (result.Verdict, Encoding.UTF8.GetString(result.Claims!), result.Cause));
    }

    [Fact]
    public async Task Every_configured_key_is_tried()
    {
        Assert.Equal(TokenVerdict.Authentic, (await VerifyAsync(WixWebhook.SignClaims("{}", _older))).Verdict);
        Assert.Equal(TokenVerdict.Authentic, (await VerifyAsync(WixWebhook.SignClaims("{}", _key))).Verdict);
        using var stranger = RSA.Create(2048);
        Assert.Equal(TokenVerdict.BadSignature, (await VerifyAsync(WixWebhook.SignClaims("{}", stranger))).Verdict);
    }

    [Theory]
    [InlineData("{}", TokenVerdict.Authentic)]
    [InlineData("""{"exp":NOW+1}""", TokenVerdict.Authentic)]
    [InlineData("""{"exp":NOW}""", TokenVerdict.Expired)]
    [InlineData("""{"exp":NOW-1}""", TokenVerdict.Expired)]
    [InlineData("""{"exp":"NOW+1"}""", TokenVerdict.Expired)]
    [InlineData("""{"exp":-1}""", TokenVerdict.Expired)]
    [InlineData("""{"exp":NOW+1,"exp":NOW}""", TokenVerdict.Expired)]
    [InlineData("""{"nbf":NOW}""", TokenVerdict.Authentic)]
    [InlineData("""{"nbf":NOW+1}""", TokenVerdict.BadClaims)]
    [InlineData("""{"nbf":"NOW"}""", TokenVerdict.BadClaims)]
    [InlineData("""{"iat":NOW+1000}""", TokenVerdict.Authentic)]
    [InlineData("""{"iat":"NOW"}""", TokenVerdict.BadClaims)]
    [InlineData("""{"iss":"anyone","aud":"anything"}""", TokenVerdict.Authentic)]
    [InlineData("[]", TokenVerdict.NotAToken)]
    [InlineData("5", TokenVerdict.NotAToken)]
    [InlineData("not json", TokenVerdict.NotAToken)]
    public async Task Times_are_judged_without_leeway_and_absent_ones_pass(string claims, TokenVerdict verdict)
    {
        var signed = claims.Replace("NOW+1000", $"{_seconds + 1_000}").Replace("NOW+1", $"{_seconds + 1}").Replace("NOW-1", $"{_seconds - 1}").Replace("NOW", $"{_seconds}");

        Assert.Equal(verdict, (await VerifyAsync(WixWebhook.SignClaims(signed, _key))).Verdict);
    }

    [Fact]
    public async Task Second_is_not_over_before_it_is_over()
    {
        _time.Advance(TimeSpan.FromMilliseconds(999));

        Assert.Equal(TokenVerdict.Authentic, (await VerifyAsync(WixWebhook.SignClaims($$"""{"exp":{{_seconds + 1}}}""", _key))).Verdict);
        Assert.Equal(TokenVerdict.BadClaims, (await VerifyAsync(WixWebhook.SignClaims($$"""{"nbf":{{_seconds + 1}}}""", _key))).Verdict);
    }

    [Theory]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("HS256")]
    [InlineData("none")]
    [InlineData("rs256")]
    [InlineData("")]
    public async Task Algorithm_other_than_RS256_is_refused(string algorithm) =>
        Assert.Equal(TokenVerdict.WrongAlgorithm, (await VerifyAsync(WixWebhook.SignClaims("{}", _key, algorithm))).Verdict);

    [Fact]
    public async Task Public_key_used_as_a_shared_secret_is_refused()
    {
        var signed = Encode("""{"alg":"HS256"}""") + "." + Encode("{}");
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(_key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(signed));

        Assert.Equal(TokenVerdict.WrongAlgorithm, (await VerifyAsync(signed + "." + Base64Url.EncodeToString(mac))).Verdict);
    }

    // 256 bytes are 341 letters and a third: four bits of the last letter belong to no byte. So a body that is taken is, but for white space after it, a signed one byte for byte.
    [Fact]
    public async Task Last_letter_of_a_signature_can_be_no_other()
    {
        var token = WixWebhook.SignClaims("{}", _key);

        var taken = new List<char>();
        foreach (var last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        {
            if ((await VerifyAsync(token[..^1] + last)).Verdict == TokenVerdict.Authentic)
            {
                taken.Add(last);
            }
        }

        Assert.Equal([token[^1]], taken);
    }

    [Fact]
    public async Task Critical_header_fields_are_refused()
    {
        var signed = Encode("""{"alg":"RS256","crit":["b64"],"b64":true}""") + "." + Encode("{}");
        var token = signed + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        Assert.Equal(TokenVerdict.WrongAlgorithm, (await VerifyAsync(token)).Verdict);
    }

    [Theory]
    [InlineData("", "\n", TokenVerdict.Authentic)]
    [InlineData("", " \t \r\n\n", TokenVerdict.Authentic)]
    [InlineData(" ", "", TokenVerdict.NotAToken)]
    [InlineData("\n", "", TokenVerdict.NotAToken)]
    [InlineData("\uFEFF", "", TokenVerdict.NotAToken)]
    [InlineData("", "\0", TokenVerdict.NotAToken)]
    public async Task White_space_after_a_token_alone_is_tolerated(string before, string after, TokenVerdict verdict) =>
        Assert.Equal(verdict, (await _verifier.VerifyAsync(Encoding.UTF8.GetBytes(before + WixWebhook.SignClaims("{}", _key) + after))).Verdict);

    [Fact]
    public async Task Quoted_token_is_no_token_and_says_so()
    {
        var result = await VerifyAsync("\"" + WixWebhook.SignClaims("{}", _key) + "\"");

        Assert.Equal((TokenVerdict.NotAToken, null), (result.Verdict, result.Claims));
        Assert.Equal("The body is JSON. Wix sends the token itself as the whole body, without quotes.", (await VerifyAsync("\"token\"")).Cause);
    }

    [Theory]
    [InlineData("", "The body is empty.")]
    [InlineData(" \r\n", "The body is empty.")]
    [InlineData("hello", "The body is not a JWT of three parts.")]
    [InlineData("a.b.c.d", "The body is not a JWT of three parts.")]
    [InlineData("{}", "The body is JSON. Wix sends the token itself as the whole body, without quotes.")]
    [InlineData("a.b.ü", "The body has characters that no JWT has.")]
    [InlineData("a.b.c", "The token's header is not a JSON object.")]
    [InlineData("..", "The token's header is not a JSON object.")]
    [InlineData("W10.e30.AA", "The token's header is not a JSON object.")]
    public async Task Text_that_is_no_token_says_why(string body, string cause)
    {
        var result = await VerifyAsync(body);

        Assert.Equal((TokenVerdict.NotAToken, cause), (result.Verdict, result.Cause));
    }

    [Theory]
    [InlineData("""{"exp":null}""")]
    [InlineData("""{"iat":null}""")]
    public async Task Signed_times_that_are_no_numbers_are_refused(string claims) =>
        Assert.NotEqual(TokenVerdict.Authentic, (await VerifyAsync(WixWebhook.SignClaims(claims, _key))).Verdict);

    [Theory]
    [InlineData("""{"exp":1e999}""")]
    [InlineData("""{"exp":100000000000000000000}""")]
    [InlineData("""{"iat":1e999,"nbf":-1e999}""")]
    [InlineData("""{"iat":1e40}""")]
    [InlineData("""{"data":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"iss":5}""")]
    [InlineData("""{"aud":["a",5],"sub":[],"azp":{},"jti":1}""")]
    public async Task Signed_claims_that_the_token_library_cannot_hold_are_authentic_all_the_same(string claims)
    {
        using var stranger = RSA.Create(2048);

        Assert.Equal(TokenVerdict.Authentic, (await VerifyAsync(WixWebhook.SignClaims(claims, _key))).Verdict);
        Assert.Equal(TokenVerdict.BadSignature, (await VerifyAsync(WixWebhook.SignClaims(claims, stranger))).Verdict);
    }

    [Theory]
    [InlineData("""{"alg":"RS256","\ud800":1}""")]
    [InlineData("""{"alg":"\ud800"}""")]
    [InlineData("""{"alg":5}""")]
    [InlineData("""{"alg":"RS256","kid":5}""")]
    [InlineData("""{"alg":"RS256","zip":"DEF"}""")]
    [InlineData("""{"alg":"RS256","enc":"A256GCM"}""")]
    [InlineData("""{"alg":"RS256","typ":{}}""")]
    public async Task Strange_header_with_a_false_signature_is_never_authentic_and_never_an_exception(string header) =>
        Assert.NotEqual(TokenVerdict.Authentic, (await VerifyAsync(Encode(header) + "." + Encode("{}") + ".AAAA")).Verdict);

    [Fact]
    public void Mutated_token_never_throws_and_never_verifies()
    {
        var good = Encoding.ASCII.GetBytes(WixWebhook.SignClaims($$"""{"data":"{}","exp":{{_seconds + 1_000}}}""", _key));
        var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="u8.ToArray();
        var mutation =
            from at in Gen.Choose(0, good.Length - 1)
            from letter in Gen.OneOf(Gen.Elements(letters), Gen.Choose(0, 255).Select(b => (byte)b))
            from kind in Gen.Choose(0, 2)
            select kind switch
            {
                0 => (byte[])[.. good[..at], letter, .. good[(at + 1)..]],
                1 => [.. good[..at], letter, .. good[at..]],
                _ => [.. good[..at], .. good[(at + 1)..]],
            };
        Prop.ForAll(mutation.Where(token => !token.AsSpan().Trim(" \t\r\n"u8).SequenceEqual(good)).ToArbitrary(), token =>
            VerifyAsync(Encoding.Latin1.GetString(token)).AsTask().GetAwaiter().GetResult().Verdict != TokenVerdict.Authentic).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    private ValueTask<VerificationResult> VerifyAsync(string body) => _verifier.VerifyAsync(Encoding.Latin1.GetBytes(body));

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
