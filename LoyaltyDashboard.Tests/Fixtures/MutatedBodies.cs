using System.Buffers.Text;
using System.Text;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>
/// Bodies that nobody signed, made of signed ones or of nothing. The same seed makes the same ones. Some come out as a signed one byte for byte (nothing cut off, a bit turned over and
/// back, two that begin alike put together where they still do): <see cref="IsSigned"/> tells these, and only these are to be taken.
/// </summary>
internal sealed class MutatedBodies(IReadOnlyList<byte[]> signed, Random random)
{
    private static readonly string[] _headers =
    [
        """{"alg":"none"}""", """{"alg":"HS256"}""", """{"alg":"RS512","kid":"x"}""", """{"alg":"RS256","crit":["exp"]}""", """{"alg":1}""", "{}", "[]", "null", "\"", """{"alg":"RS256","alg":"none"}""", """{"typ":"JWT","alg":"RS256","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}""",
    ];

    /// <summary>The next one.</summary>
    public byte[] Next()
    {
        var body = (byte[])One().Clone();
        switch (random.Next(8))
        {
            case 0:
                for (var flips = random.Next(1, 6); flips > 0; flips--)
                {
                    body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
                }

                return body;
            case 1:
                return body[..random.Next(body.Length)];
            case 2:
                return body[random.Next(body.Length)..];
            case 3:
                // The head of one and the tail of another, cut at the dots or anywhere.
                var other = One();
                var at = random.Next(2) == 0 ? Array.LastIndexOf(body, (byte)'.') : random.Next(body.Length);
                return [.. body[..at], .. other[Math.Min(at, other.Length)..]];
            case 4:
                return [.. Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(_headers[random.Next(_headers.Length)]))), .. body[Array.IndexOf(body, (byte)'.')..]];
            case 5:
                return Bytes(random.Next(4_000));
            case 6:
                return Encoding.ASCII.GetBytes($"{Base64Url.EncodeToString(Bytes(random.Next(60)))}.{Base64Url.EncodeToString(Bytes(random.Next(900)))}.{Base64Url.EncodeToString(Bytes(256))}");
            default:
                return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("ey.[{\"", random.Next(700))));
        }
    }

    /// <summary>Whether a body is, byte for byte, one of the signed ones.</summary>
    public bool IsSigned(ReadOnlySpan<byte> body)
    {
        foreach (var one in signed)
        {
            if (body.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    private byte[] One() => signed[random.Next(signed.Count)];

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
