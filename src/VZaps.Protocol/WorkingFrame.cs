namespace VZaps.Protocol;

/// <summary>Extension: "its handler is still at it; one more ack time-out, please": <c>{"type":"working","event_id":"evt_…"}</c>.</summary>
public static class WorkingFrame
{
    /// <summary>The frame's UTF-8 bytes.</summary>
    /// <param name="eventId">The event's id, as it was received.</param>
    /// <exception cref="ArgumentException">The id is null or empty.</exception>
    public static byte[] Write(string eventId)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        return [.. "{\"type\":\"working\",\"event_id\":\""u8, .. ClientFrameText.Escape(eventId), .. "\"}"u8];
    }
}
