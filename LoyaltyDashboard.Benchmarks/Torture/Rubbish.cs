using System.Globalization;
using System.Text;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Requests that nobody should send, with <see cref="MutatedBodies"/> or nothing in them. The same seed makes the same ones.</summary>
internal sealed class Rubbish
{
    private readonly Uri _door;
    private readonly Random _random;
    private readonly MutatedBodies _bodies;

    /// <summary>Prepares them.</summary>
    /// <param name="door">Where they go.</param>
    /// <param name="signed">Signed bodies that some are made of.</param>
    /// <param name="seed">Which ones they are.</param>
    public Rubbish(Uri door, IReadOnlyList<byte[]> signed, int seed)
    {
        (_door, _random) = (door, new Random(seed));
        _bodies = new MutatedBodies(signed, _random);
    }

    /// <summary>The next one, whole, with its headers.</summary>
    public RubbishRequest Next()
    {
        if (_random.Next(2_000) == 0)
        {
            return new(Ask("Content-Type: text/plain\r\n", new byte[(2 * 1024 * 1024) + 1], withLength: true), IsHttp: true, IsSigned: false);
        }

        switch (_random.Next(20))
        {
            case 0:
                var chunked = _bodies.Next();
                return new(Chunked(chunked), IsHttp: true, _bodies.IsSigned(chunked));
            case 1:
                return new(BrokenChunks(), IsHttp: false, IsSigned: false);
            case 2:
                return new(Ask($"Content-Length: {_random.Next(int.MinValue, 0).ToString(CultureInfo.InvariantCulture)}\r\n", []), IsHttp: false, IsSigned: false);
            case 3:
                return Whole($"Content-Type: {Noise(_random.Next(1, 200))}\r\nX-{_random.Next()}: {Noise(_random.Next(1, 6_000))}\r\n");
            case 4:
                return new(Forward(), IsHttp: true, IsSigned: false);
            case 5:
                return new(Ask("Content-Encoding: gzip\r\n", Bytes(_random.Next(2_000)), withLength: true), IsHttp: true, IsSigned: false);
            default:
                return Whole("Content-Type: text/plain\r\n");
        }
    }

    private RubbishRequest Whole(string headers)
    {
        var body = _bodies.Next();
        return new(Ask(headers, body, withLength: true), IsHttp: true, _bodies.IsSigned(body));
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

    private byte[] Forward() => Ask($"webhook-id: {_random.Next()}\r\nwebhook-timestamp: {_random.Next()}\r\nwebhook-signature: v1,{Convert.ToBase64String(Bytes(32))}\r\n", _bodies.Next(), withLength: true, path: "/webhooks/wix-sdk");

    private byte[] Ask(string headers, byte[] body, bool withLength = false, string? path = null) =>
        [.. Head(headers + (withLength ? $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n" : ""), path), .. body];

    private byte[] Head(string headers, string? path = null) => Encoding.ASCII.GetBytes($"POST {path ?? _door.AbsolutePath} HTTP/1.1\r\nHost: {_door.Authority}\r\n{headers}\r\n");

    private static byte[] Chunk(byte[] part) => [.. Encoding.ASCII.GetBytes(part.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. part, .. "\r\n"u8];

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

/// <summary>A request that nobody should send.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="IsHttp">Whether it keeps the rules of HTTP itself; where it breaks them, no answer is an answer too.</param>
/// <param name="IsSigned">Whether its body came out as a signed one, which the door is to take.</param>
internal sealed record RubbishRequest(byte[] Bytes, bool IsHttp, bool IsSigned)
{
    /// <summary>Whether it was answered as it is to be: a signed body with 200, anything else with 4xx.</summary>
    /// <param name="status">The answer; 0 when none came.</param>
    public bool MayBeAnswered(int status) => IsSigned ? status == 200 : status is >= 400 and < 500 || (status == 0 && !IsHttp);
}
