using System.Buffers.Binary;
using System.Text;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>What a page and its circuit say to each other, as far as a listener needs it: SignalR's messages in MessagePack, each behind its length.</summary>
internal static class BlazorPack
{
    /// <summary>The first thing a client says.</summary>
    public static byte[] Handshake { get; } = [.. "{\"protocol\":\"blazorpack\",\"version\":1}"u8, 0x1e];

    /// <summary>A sign of life.</summary>
    public static byte[] Ping { get; } = [2, 0x91, 6];

    /// <summary>A call of the server.</summary>
    /// <param name="target">What is called.</param>
    /// <param name="invocationId">Names the call where an answer is wanted.</param>
    /// <param name="arguments">Texts, whole numbers, booleans and null.</param>
    public static byte[] Call(string target, string? invocationId, params IReadOnlyList<object?> arguments)
    {
        var body = new List<byte> { 0x95, 1, 0x80 };
        Write(body, invocationId);
        Write(body, target);
        body.Add((byte)(0x90 | arguments.Count));
        foreach (var argument in arguments)
        {
            Write(body, argument);
        }

        body.Add(0x90);
        var length = new List<byte>();
        for (var rest = body.Count; ; rest >>= 7)
        {
            length.Add((byte)(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest));
            if (rest <= 0x7f)
            {
                return [.. length, .. body];
            }
        }
    }

    /// <summary>Takes the next message off the front.</summary>
    /// <returns>False at the end.</returns>
    public static bool TryTake(ref ReadOnlyMemory<byte> messages, out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (messages.IsEmpty)
        {
            return false;
        }

        var (length, at) = (0, 0);
        byte next;
        do
        {
            next = messages.Span[at];
            length |= (next & 0x7f) << (7 * at++);
        }
        while (next > 0x7f);
        message = messages.Slice(at, length);
        messages = messages[(at + length)..];
        return true;
    }

    private static void Write(List<byte> to, object? value)
    {
        Span<byte> size = stackalloc byte[8];
        switch (value)
        {
            case null:
                to.Add(0xc0);
                break;
            case bool flag:
                to.Add(flag ? (byte)0xc3 : (byte)0xc2);
                break;
            case long number:
                BinaryPrimitives.WriteInt64BigEndian(size, number);
                to.AddRange([0xd3, .. size]);
                break;
            case string text:
                BinaryPrimitives.WriteInt32BigEndian(size, Encoding.UTF8.GetByteCount(text));
                to.AddRange([0xdb, .. size[..4], .. Encoding.UTF8.GetBytes(text)]);
                break;
            default:
                throw new ArgumentException($"No way to write {value.GetType()}.", nameof(value));
        }
    }

    /// <summary>Reads a message, value by value.</summary>
    public ref struct Reader(ReadOnlySpan<byte> message)
    {
        private ReadOnlySpan<byte> _rest = message;

        /// <summary>The number of values of a list.</summary>
        public int List()
        {
            var head = Next();
            return head switch { >= 0x90 and <= 0x9f => head & 0xf, 0xdc => (int)Number(2), 0xdd => (int)Number(4), _ => throw new FormatException($"0x{head:x2} is no list.") };
        }

        /// <summary>A whole number.</summary>
        public long Integer()
        {
            var head = Next();
            return head switch
            {
                <= 0x7f => head,
                >= 0xe0 => (sbyte)head,
                0xcc => Number(1),
                0xcd => Number(2),
                0xce => Number(4),
                0xcf or 0xd3 => Number(8),
                0xd0 => (sbyte)Number(1),
                0xd1 => (short)Number(2),
                0xd2 => (int)Number(4),
                _ => throw new FormatException($"0x{head:x2} is no number."),
            };
        }

        /// <summary>A text; null where there is none.</summary>
        public string? String()
        {
            var head = Next();
            return head switch
            {
                0xc0 => null,
                >= 0xa0 and <= 0xbf => Encoding.UTF8.GetString(Take(head & 0x1f)),
                0xd9 => Encoding.UTF8.GetString(Take((int)Number(1))),
                0xda => Encoding.UTF8.GetString(Take((int)Number(2))),
                0xdb => Encoding.UTF8.GetString(Take((int)Number(4))),
                _ => throw new FormatException($"0x{head:x2} is no text."),
            };
        }

        /// <summary>Passes over the empty headers of a message.</summary>
        public void Headers() => Next();

        private byte Next() => Take(1)[0];

        private long Number(int bytes)
        {
            var value = 0L;
            foreach (var next in Take(bytes))
            {
                value = (value << 8) | next;
            }

            return value;
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }
    }
}
