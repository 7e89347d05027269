namespace VZaps.Protocol;

/// <summary>The ack frame that our own client sends: <c>{"type":"ack","event_id":"evt_…"}</c>.</summary>
public static class AckFrame
{
    /// <summary>The frame's UTF-8 bytes.</summary>
    /// <param name="eventId">The event's id, as it was received.</param>
    /// <exception cref="ArgumentException">The id is null or empty.</exception>
    public static byte[] Write(string eventId)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        var id = System.Text.Json.JsonEncodedText.Encode(eventId).EncodedUtf8Bytes;
        return [.. "{\"type\":\"ack\",\"event_id\":\""u8, .. id, .. "\"}"u8];
    }
}
