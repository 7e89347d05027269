using System.Buffers;

namespace VZaps.Protocol;

/// <summary>
/// The ack frames that our own client sends: <c>{"type":"ack","event_id":"evt_…"}</c>, and to a server of the extension
/// <c>{"type":"ack","event_ids":["evt_…",…]}</c>.
/// </summary>
public static class AckFrame
{
    /// <summary>The most ids in one frame; of the contract's ids they are about half of what a message may have.</summary>
    public const int MaxIds = 1_000;

    /// <summary>More than what stands around the ids, and between two of them.</summary>
    private const int Overhead = 40;

    /// <summary>The frame's UTF-8 bytes.</summary>
    /// <param name="eventId">The event's id, as it was received.</param>
    /// <exception cref="ArgumentException">The id is null or empty.</exception>
    public static byte[] Write(string eventId)
    {
        var frame = new ArrayBufferWriter<byte>(EventId.Length + Overhead);
        Write(eventId, frame);
        return frame.WrittenSpan.ToArray();
    }

    /// <summary>The same, into a buffer of the caller's, which for ids of the contract costs no memory of its own.</summary>
    /// <param name="eventId">The event's id, as it was received.</param>
    /// <param name="frame">Where the bytes go.</param>
    /// <exception cref="ArgumentException">The id is null or empty.</exception>
    public static void Write(string eventId, IBufferWriter<byte> frame)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        ArgumentNullException.ThrowIfNull(frame);
        frame.Write("{\"type\":\"ack\",\"event_id\":\""u8);
        ClientFrameText.WriteEscaped(eventId, frame);
        frame.Write("\"}"u8);
    }

    /// <summary>
    /// Extension: one frame for the first of the ids, as many as it holds: at most <see cref="MaxIds"/>, and fewer where longer ones
    /// would take it to <see cref="ExtensionProtocol.MaxClientMessageBytes"/>. A single id goes in the plain frame.
    /// </summary>
    /// <param name="eventIds">At least one, none of them null or empty.</param>
    /// <param name="written">How many are in the frame; at least one.</param>
    /// <exception cref="ArgumentException">There is no id, or one is null or empty.</exception>
    public static byte[] WriteBatch(IReadOnlyList<string> eventIds, out int written)
    {
        var frame = new ArrayBufferWriter<byte>();
        written = WriteBatch(eventIds, frame);
        return frame.WrittenSpan.ToArray();
    }

    /// <summary>The same, into an empty buffer of the caller's.</summary>
    /// <param name="eventIds">At least one, none of them null or empty.</param>
    /// <param name="frame">Where the bytes go.</param>
    /// <returns>How many are in the frame; at least one.</returns>
    /// <exception cref="ArgumentException">There is no id, or one is null or empty, or the buffer has something in it.</exception>
    public static int WriteBatch(IReadOnlyList<string> eventIds, ArrayBufferWriter<byte> frame)
    {
        ArgumentNullException.ThrowIfNull(eventIds);
        ArgumentNullException.ThrowIfNull(frame);
        if (eventIds.Count == 0)
            throw new ArgumentException("There is no id to ack.", nameof(eventIds));
        if (frame.WrittenCount > 0)
            throw new ArgumentException("The buffer has something in it.", nameof(frame));
        ArgumentException.ThrowIfNullOrEmpty(eventIds[0], nameof(eventIds));
        if (eventIds.Count == 1 || ClientFrameText.MaxEscapedLength(eventIds[0]) + Overhead >= ExtensionProtocol.MaxClientMessageBytes)
        {
            Write(eventIds[0], frame);
            return 1;
        }

        frame.Write("{\"type\":\"ack\",\"event_ids\":[\""u8);
        ClientFrameText.WriteEscaped(eventIds[0], frame);
        var written = 1;
        for (; written < Math.Min(eventIds.Count, MaxIds); written++)
        {
            ArgumentException.ThrowIfNullOrEmpty(eventIds[written], nameof(eventIds));
            if (frame.WrittenCount + ClientFrameText.MaxEscapedLength(eventIds[written]) + Overhead >= ExtensionProtocol.MaxClientMessageBytes)
                break;
            frame.Write("\",\""u8);
            ClientFrameText.WriteEscaped(eventIds[written], frame);
        }

        frame.Write("\"]}"u8);
        return written;
    }
}
