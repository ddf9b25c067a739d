using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace LoyaltyDashboard.Wix;

/// <summary>What a token turned out to be.</summary>
public enum TokenVerdict
{
    /// <summary>Signed by one of our keys, RS256, in time.</summary>
    Authentic,

    /// <summary>Not a compact JWT at all.</summary>
    NotAToken,

    /// <summary>An algorithm other than RS256.</summary>
    WrongAlgorithm,

    /// <summary>No key of ours fits the signature.</summary>
    BadSignature,

    /// <summary><c>exp</c> is now or past, or is no number.</summary>
    Expired,

    /// <summary><c>nbf</c> is to come, or is no number; or <c>iat</c> is no number.</summary>
    BadClaims,
}

/// <summary>The outcome of a verification.</summary>
/// <param name="Verdict">What the token is.</param>
/// <param name="Claims">The signed claims as UTF-8 JSON, when authentic.</param>
/// <param name="Cause">What is wrong and where to look, when not.</param>
public readonly record struct VerificationResult(TokenVerdict Verdict, byte[]? Claims, string? Cause);

/// <summary>
/// Decides whether a webhook body comes from Wix, with the rules of the official SDK and the algorithm pinned to RS256:
/// no leeway, a missing <c>exp</c> is accepted, issuer and audience are not looked at.
/// </summary>
public sealed class TokenVerifier(IOptions<WixOptions> options, IHostEnvironment environment, TimeProvider time)
{
    /// <summary>The largest body that is read, in bytes.</summary>
    public const int LargestToken = 2 * 1024 * 1024;

    private static readonly SearchValues<byte> _letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LargestToken };

    // Times are checked below, on our own clock and with the SDK's rules; the handler checks algorithm and signature.
    private readonly TokenValidationParameters _parameters = new()
    {
        IssuerSigningKeys = [.. options.Value.PublicKeys.Select(text => Read(text, environment))],
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        RequireSignedTokens = true,
        ValidateIssuerSigningKey = false,
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidateLifetime = false,
    };

    /// <summary>Verifies a body. Bad tokens are results, never exceptions.</summary>
    /// <param name="body">The request body; white space after the token is tolerated, as the SDK does; before it, it is not.</param>
    public async ValueTask<VerificationResult> VerifyAsync(ReadOnlyMemory<byte> body)
    {
        var token = body.TrimEnd(" \t\r\n"u8);
        if (!TryReadHeader(token.Span, out var algorithm, out var hasCritical, out var cause))
        {
            return new(TokenVerdict.NotAToken, null, cause);
        }

        if (algorithm != SecurityAlgorithms.RsaSha256)
        {
            return new(TokenVerdict.WrongAlgorithm, null, "The token is not signed with RS256, the only algorithm Wix uses.");
        }

        if (hasCritical)
        {
            // The handler ignores "crit", which the JWS standard forbids.
            return new(TokenVerdict.WrongAlgorithm, null, "The token names critical header fields, which Wix never does.");
        }

        if (!await IsSignedAsync(token))
        {
            return ParsePart(token.Span, 1) is { ValueKind: JsonValueKind.Object }
                ? new(TokenVerdict.BadSignature, null, "The signature fits none of the configured public keys. Compare Wix:PublicKeys with the key that Wix shows for this app.")
                : new(TokenVerdict.NotAToken, null, "The token's claims are not a JSON object.");
        }

        if (!Base64Url.IsValid(PartOf(token.Span, 1)))
        {
            return new(TokenVerdict.NotAToken, null, "The token's claims are not base64url.");
        }

        var claims = Base64Url.DecodeFromUtf8(PartOf(token.Span, 1));
        return CheckClaims(claims) ?? new(TokenVerdict.Authentic, claims, null);
    }

    private async ValueTask<bool> IsSignedAsync(ReadOnlyMemory<byte> token)
    {
        try
        {
            var result = await _handler.ValidateTokenAsync(Encoding.ASCII.GetString(token.Span), _parameters);
            return result.IsValid || (result.Exception is not SecurityTokenInvalidSignatureException && IsSignedByItself(token.Span));
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or FormatException or JsonException)
        {
            return IsSignedByItself(token.Span);
        }
    }

    // The handler reads all registered claims before it looks at the signature, and calls a token invalid whose "aud" is a number or whose "exp" exceeds 64 bits. Neither is
    // ours to judge, so for these the signature alone is asked.
    private bool IsSignedByItself(ReadOnlySpan<byte> token)
    {
        var dot = token.LastIndexOf((byte)'.');
        if (!Base64Url.IsValid(token[(dot + 1)..]))
        {
            return false;
        }

        var (signed, signature) = (token[..dot].ToArray(), Base64Url.DecodeFromUtf8(token[(dot + 1)..]));
        foreach (var key in _parameters.IssuerSigningKeys)
        {
            var provider = key.CryptoProviderFactory.CreateForVerifying(key, SecurityAlgorithms.RsaSha256);
            try
            {
                if (provider.Verify(signed, signature))
                {
                    return true;
                }
            }
            finally
            {
                key.CryptoProviderFactory.ReleaseSignatureProvider(provider);
            }
        }

        return false;
    }

    private static RsaSecurityKey Read(string text, IHostEnvironment environment) =>
        PublicKeyReader.TryRead(text, environment.ContentRootPath, out var key, out var fault) ? key! : throw new InvalidOperationException($"A key of Wix:PublicKeys {fault}.");

    private VerificationResult? CheckClaims(byte[] utf8)
    {
        if (TolerantJson.Parse(utf8) is not { ValueKind: JsonValueKind.Object } claims)
        {
            return new(TokenVerdict.NotAToken, null, "The token's claims are not a JSON object.");
        }

        var now = Math.Floor((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
        if (!TryReadNumber(claims, "exp", out var exp) || exp <= now)
        {
            return new(TokenVerdict.Expired, null, "The token has expired. If this machine's clock is right, this is a replay of an old webhook.");
        }

        if (!TryReadNumber(claims, "nbf", out var nbf) || nbf > now)
        {
            return new(TokenVerdict.BadClaims, null, "The token is not valid yet. Check this machine's clock.");
        }

        return TryReadNumber(claims, "iat", out _) ? null : new(TokenVerdict.BadClaims, null, "The token's iat is not a number.");
    }

    // True when absent (value null: every comparison with it is false) or a number.
    private static bool TryReadNumber(JsonElement claims, string name, out double? value)
    {
        value = null;
        if (!claims.TryGetProperty(name, out var claim))
        {
            return true;
        }

        if (claim.ValueKind != JsonValueKind.Number)
        {
            return false;
        }

        value = claim.GetDouble();
        return true;
    }

    private static JsonElement? ParsePart(ReadOnlySpan<byte> token, int index) =>
        PartOf(token, index) is var part && Base64Url.IsValid(part) ? TolerantJson.Parse(Base64Url.DecodeFromUtf8(part)) : null;

    private static ReadOnlySpan<byte> PartOf(ReadOnlySpan<byte> token, int index)
    {
        foreach (var range in token.Split((byte)'.'))
        {
            if (index-- == 0)
            {
                return token[range];
            }
        }

        return default;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> token, out string? algorithm, out bool hasCritical, out string? cause)
    {
        (algorithm, hasCritical, cause) = (null, false, null);
        if (token.IsEmpty)
        {
            cause = "The body is empty.";
            return false;
        }

        if (token.Count((byte)'.') != 2)
        {
            cause = token[0] is (byte)'{' or (byte)'"' or (byte)'['
                ? "The body is JSON. Wix sends the token itself as the whole body, without quotes."
                : "The body is not a JWT of three parts.";
            return false;
        }

        // By letters only: a signature cut or damaged within them is a bad signature, not a bad form.
        if (token.ContainsAnyExcept(_letters))
        {
            cause = "The body has characters that no JWT has.";
            return false;
        }

        if (ParsePart(token, 0) is not { ValueKind: JsonValueKind.Object } header)
        {
            cause = "The token's header is not a JSON object.";
            return false;
        }

        algorithm = header.TryGetProperty("alg", out var alg) && alg.ValueKind == JsonValueKind.String ? alg.GetString() : null;
        hasCritical = header.TryGetProperty("crit", out _);
        return true;
    }
}
