using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Realtime;

/// <summary>What was found in a client's bytes.</summary>
internal enum ReceivedKind
{
    /// <summary>Nothing whole yet: read more.</summary>
    NeedMore,

    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>A binary frame.</summary>
    Binary,

    Ping,

    Pong,

    Close,

    /// <summary>A message that is longer than allowed.</summary>
    TooBig,

    /// <summary>Bytes that are no frame of RFC 6455.</summary>
    Violation,
}

/// <summary>
/// Cuts a client's bytes into messages and control frames (RFC 6455, section 5). Several acks come in one read, and each is
/// handed over where it stands, unmasked in place. Pure logic, no I/O; for one loop.
/// </summary>
/// <param name="maxMessageBytes">Longest message.</param>
internal sealed class FrameParser(int maxMessageBytes)
{
    /// <summary>Longest header of a client's frame: two bytes, eight of length, four of mask.</summary>
    public const int MaxHeaderLength = 14;

    private const int MaxControlPayload = 125;
    private const int Continuation = 0x0, Text = 0x1, Binary = 0x2, Close = 0x8, Ping = 0x9, Pong = 0xA;

    private readonly List<byte> _fragments = [];
    private bool _isFragmented;
    private long _skip;

    /// <summary>Data is passed over from now on, and only control frames are reported: the connection is closing.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>How many bytes the frame has that more must be read of; 0 where that is not known yet.</summary>
    public int Needed { get; private set; }

    /// <summary>Looks at what was received.</summary>
    /// <param name="received">The bytes that were not consumed yet; changed by unmasking.</param>
    /// <param name="consumed">How many bytes are done with.</param>
    /// <param name="payload">The payload; good until the next call.</param>
    public ReceivedKind Next(Span<byte> received, out int consumed, out ReadOnlySpan<byte> payload)
    {
        (consumed, Needed) = (0, 0);
        payload = default;
        while (true)
        {
            var skipped = (int)Math.Min(_skip, received.Length - consumed);
            (_skip, consumed) = (_skip - skipped, consumed + skipped);
            var rest = received[consumed..];
            if (_skip > 0 || rest.Length < 2)
                return ReceivedKind.NeedMore;
            var (opcode, isLast, length7) = (rest[0] & 0x0F, (rest[0] & 0x80) != 0, rest[1] & 0x7F);
            var isControl = opcode >= Close;
            if ((rest[0] & 0x70) != 0 || (rest[1] & 0x80) == 0 || (isControl && (!isLast || length7 > MaxControlPayload)))
                return ReceivedKind.Violation;
            var headerLength = 2 + (length7 == 126 ? 2 : length7 == 127 ? 8 : 0) + 4;
            if (rest.Length < headerLength)
                return ReceivedKind.NeedMore;
            var length = length7 switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(rest[2..]),
                127 => BinaryPrimitives.ReadUInt64BigEndian(rest[2..]),
                _ => (ulong)length7,
            };
            if (length > long.MaxValue)
                return ReceivedKind.Violation;
            if (!isControl && (IsDeaf || length > (ulong)(maxMessageBytes - _fragments.Count)))
            {
                (_skip, consumed) = ((long)length, consumed + headerLength);
                if (!IsDeaf)
                    return ReceivedKind.TooBig;
                continue;
            }

            Needed = headerLength + (int)length;
            if (rest.Length < Needed)
                return ReceivedKind.NeedMore;
            consumed += Needed;
            var body = rest.Slice(headerLength, (int)length);
            Unmask(body, rest.Slice(headerLength - 4, 4));
            if (Take(opcode, isLast, body, out payload) is { } kind)
                return kind;
        }
    }

    /// <returns>What it is; null for a fragment that more follow.</returns>
    private ReceivedKind? Take(int opcode, bool isLast, ReadOnlySpan<byte> body, out ReadOnlySpan<byte> payload)
    {
        payload = body;
        switch (opcode)
        {
            case Ping:
                return ReceivedKind.Ping;
            case Pong:
                return ReceivedKind.Pong;
            case Close:
                return ReceivedKind.Close;
            case Binary:
                return ReceivedKind.Binary;
            case Text when isLast && !_isFragmented:
                return ReceivedKind.Text;
            case Text when !_isFragmented:
                _fragments.Clear();
                _fragments.AddRange(body);
                _isFragmented = true;
                return null;
            case Continuation when _isFragmented:
                _fragments.AddRange(body);
                if (!isLast)
                    return null;
                _isFragmented = false;
                payload = CollectionsMarshal.AsSpan(_fragments).ToArray();
                _fragments.Clear();
                return ReceivedKind.Text;
            default:
                return ReceivedKind.Violation;
        }
    }

    private static void Unmask(Span<byte> body, ReadOnlySpan<byte> mask)
    {
        var key = MemoryMarshal.Read<uint>(mask);
        if (key == 0)
            return;
        var at = 0;
        if (Vector.IsHardwareAccelerated && body.Length >= Vector<byte>.Count)
        {
            var keys = Vector.AsVectorByte(new Vector<uint>(key));
            for (; at <= body.Length - Vector<byte>.Count; at += Vector<byte>.Count)
                (new Vector<byte>(body[at..]) ^ keys).CopyTo(body[at..]);
        }

        // A vector is a multiple of the mask's four bytes, so the mask begins anew here.
        for (var i = 0; at < body.Length; at++, i++)
            body[at] ^= mask[i & 3];
    }
}
