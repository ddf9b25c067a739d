using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Requests that nobody should send, made of signed ones or of nothing. The same seed makes the same ones.</summary>
internal sealed class Rubbish(Uri door, IReadOnlyList<byte[]> signed, int seed)
{
    private static readonly string[] _headers =
    [
        """{"alg":"none"}""", """{"alg":"HS256"}""", """{"alg":"RS512","kid":"x"}""", """{"alg":"RS256","crit":["exp"]}""", """{"alg":1}""", "{}", "[]", "null", "\"", """{"alg":"RS256","alg":"none"}""", """{"typ":"JWT","alg":"RS256","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}""",
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next one, whole, with its headers. May break the rules of HTTP itself, so that no answer is an answer too.</summary>
    public (byte[] Request, bool IsHttp) Next() => _random.Next(2_000) == 0 ? (Huge(), true) : _random.Next(20) switch
    {
        0 => (Chunked(Mutated()), true),
        1 => (BrokenChunks(), false),
        2 => (Ask($"Content-Length: {_random.Next(int.MinValue, 0).ToString(CultureInfo.InvariantCulture)}\r\n", []), false),
        3 => (Ask($"Content-Type: {Noise(_random.Next(1, 200))}\r\nX-{_random.Next()}: {Noise(_random.Next(1, 6_000))}\r\n", Mutated(), withLength: true), true),
        4 => (Forward(), true),
        5 => (Ask("Content-Encoding: gzip\r\n", Bytes(_random.Next(2_000)), withLength: true), true),
        _ => (Ask("Content-Type: text/plain\r\n", Mutated(), withLength: true), true),
    };

    private byte[] Mutated()
    {
        var body = (byte[])One().Clone();
        switch (_random.Next(8))
        {
            case 0:
                for (var flips = _random.Next(1, 6); flips > 0; flips--)
                {
                    body[_random.Next(body.Length)] ^= (byte)(1 << _random.Next(8));
                }

                return body;
            case 1:
                return body[.._random.Next(body.Length)];
            case 2:
                return body[_random.Next(body.Length)..];
            case 3:
                // The head of one and the tail of another, cut at the dots or anywhere.
                var other = One();
                var at = _random.Next(2) == 0 ? Array.LastIndexOf(body, (byte)'.') : _random.Next(body.Length);
                return [.. body[..at], .. other[Math.Min(at, other.Length)..]];
            case 4:
                return [.. Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(_headers[_random.Next(_headers.Length)]))), .. body[Array.IndexOf(body, (byte)'.')..]];
            case 5:
                return Bytes(_random.Next(4_000));
            case 6:
                return Encoding.ASCII.GetBytes($"{Base64Url.EncodeToString(Bytes(_random.Next(60)))}.{Base64Url.EncodeToString(Bytes(_random.Next(900)))}.{Base64Url.EncodeToString(Bytes(256))}");
            default:
                return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("ey.[{\"", _random.Next(700))));
        }
    }

    private byte[] Chunked(byte[] body)
    {
        var at = _random.Next(body.Length + 1);
        return
        [
            .. Head("Transfer-Encoding: chunked\r\n"), .. at == 0 ? [] : Chunk(body[..at]), .. at == body.Length ? [] : Chunk(body[at..]), .. "0\r\n\r\n"u8,
        ];
    }

    private byte[] BrokenChunks() => [.. Head("Transfer-Encoding: chunked\r\n"), .. Encoding.ASCII.GetBytes($"{Noise(4)}\r\n"), .. Bytes(20), .. "\r\n0\r\n\r\n"u8];

    private byte[] Forward() => Ask($"webhook-id: {_random.Next()}\r\nwebhook-timestamp: {_random.Next()}\r\nwebhook-signature: v1,{Convert.ToBase64String(Bytes(32))}\r\n", Mutated(), withLength: true, path: "/webhooks/wix-sdk");

    private byte[] Huge() => Ask("Content-Type: text/plain\r\n", new byte[(2 * 1024 * 1024) + 1], withLength: true);

    private byte[] Ask(string headers, byte[] body, bool withLength = false, string? path = null) =>
        [.. Head(headers + (withLength ? $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n" : ""), path), .. body];

    private byte[] Head(string headers, string? path = null) => Encoding.ASCII.GetBytes($"POST {path ?? door.AbsolutePath} HTTP/1.1\r\nHost: {door.Authority}\r\n{headers}\r\n");

    private static byte[] Chunk(byte[] part) => [.. Encoding.ASCII.GetBytes(part.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. part, .. "\r\n"u8];

    private byte[] One() => signed[_random.Next(signed.Count)];

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string Noise(int length) => string.Create(length, _random, (text, random) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (char)random.Next('!', '~');
        }
    });
}
