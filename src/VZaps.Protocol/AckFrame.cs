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
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        return [.. "{\"type\":\"ack\",\"event_id\":\""u8, .. ClientFrameText.Escape(eventId), .. "\"}"u8];
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
        ArgumentNullException.ThrowIfNull(eventIds);
        if (eventIds.Count == 0)
            throw new ArgumentException("There is no id to ack.", nameof(eventIds));
        written = 1;
        var first = Write(eventIds[0]);
        if (eventIds.Count == 1 || first.Length + Overhead >= ExtensionProtocol.MaxClientMessageBytes)
            return first;

        var frame = new ArrayBufferWriter<byte>(Math.Min(eventIds.Count, MaxIds) * (EventId.Length + 3) + Overhead);
        frame.Write("{\"type\":\"ack\",\"event_ids\":[\""u8);
        frame.Write(ClientFrameText.Escape(eventIds[0]));
        while (written < Math.Min(eventIds.Count, MaxIds))
        {
            ArgumentException.ThrowIfNullOrEmpty(eventIds[written], nameof(eventIds));
            var id = ClientFrameText.Escape(eventIds[written]);
            if (frame.WrittenCount + id.Length + Overhead >= ExtensionProtocol.MaxClientMessageBytes)
                break;
            frame.Write("\",\""u8);
            frame.Write(id);
            written++;
        }

        frame.Write("\"]}"u8);
        return frame.WrittenSpan.ToArray();
    }
}
