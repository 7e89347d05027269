namespace VZaps.Protocol;

/// <summary>Extension: "deliver it again, not before then": <c>{"type":"nack","event_id":"evt_…","delay_ms":5000}</c>.</summary>
public static class NackFrame
{
    /// <summary>The frame's UTF-8 bytes.</summary>
    /// <param name="eventId">The event's id, as it was received.</param>
    /// <param name="delay">Whole milliseconds are sent, from 0 to <see cref="ExtensionProtocol.LongestDelay"/>; what is outside is cut to that.</param>
    /// <exception cref="ArgumentException">The id is null or empty.</exception>
    public static byte[] Write(string eventId, TimeSpan delay)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        return [.. "{\"type\":\"nack\",\"event_id\":\""u8, .. ClientFrameText.Escape(eventId), .. "\",\"delay_ms\":"u8, .. ClientFrameText.Milliseconds(delay), .. "}"u8];
    }
}
