using System.Buffers.Text;
using System.Text;

namespace VZaps.LoadTest.Wire;

/// <summary>What a NATS server says.</summary>
internal enum NatsKind
{
    /// <summary>Nothing that matters here.</summary>
    Other,

    /// <summary>A message of a subscription.</summary>
    Message,

    Ping,

    Pong,
}

/// <summary>One thing that a NATS server said: a line, and behind <c>MSG subject sid [reply] bytes</c> the payload.</summary>
internal readonly ref struct NatsMessage
{
    public NatsKind Kind { get; private init; }

    /// <summary>Where an answer goes.</summary>
    public ReadOnlySpan<byte> ReplyTo { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Bytes that it took in all.</summary>
    public int Bytes { get; private init; }

    /// <summary>Reads the first thing; false where it is not all there.</summary>
    /// <exception cref="InvalidOperationException">The server complains.</exception>
    public static bool TryRead(ReadOnlySpan<byte> received, out NatsMessage message)
    {
        message = default;
        var end = received.IndexOf("\r\n"u8);
        if (end < 0)
            return false;
        var line = received[..end];
        if (line.StartsWith("MSG "u8))
            return TryReadMessage(received, line, out message);
        if (line.StartsWith("-ERR"u8))
            throw new InvalidOperationException($"nats-server: {Encoding.UTF8.GetString(line)}");
        var kind = line.SequenceEqual("PING"u8) ? NatsKind.Ping : line.SequenceEqual("PONG"u8) ? NatsKind.Pong : NatsKind.Other;
        message = new NatsMessage { Kind = kind, Bytes = end + 2 };
        return true;
    }

    private static bool TryReadMessage(ReadOnlySpan<byte> received, ReadOnlySpan<byte> line, out NatsMessage message)
    {
        message = default;
        var size = line[(line.LastIndexOf((byte)' ') + 1)..];
        if (!Utf8Parser.TryParse(size, out int bytes, out _))
            throw new InvalidDataException($"nats-server sent '{Encoding.UTF8.GetString(line)}'.");
        var start = line.Length + 2;
        if (received.Length < start + bytes + 2)
            return false;
        var words = line[4..^(size.Length + 1)]; // subject sid [reply]
        var reply = words.Count((byte)' ') == 2 ? words[(words.LastIndexOf((byte)' ') + 1)..] : default;
        message = new NatsMessage { Kind = NatsKind.Message, ReplyTo = reply, Payload = received.Slice(start, bytes), Bytes = start + bytes + 2 };
        return true;
    }
}
