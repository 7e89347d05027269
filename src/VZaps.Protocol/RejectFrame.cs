namespace VZaps.Protocol;

/// <summary>Extension: "to the dead letters at once": <c>{"type":"reject","event_id":"evt_…","reason":"…"}</c>.</summary>
public static class RejectFrame
{
    /// <summary>The characters of a reason that a server keeps.</summary>
    public const int MaxReasonLength = 500;

    /// <summary>The frame's UTF-8 bytes.</summary>
    /// <param name="eventId">The event's id, as it was received.</param>
    /// <param name="reason">Why; cut after <see cref="MaxReasonLength"/> characters. Null or empty for none.</param>
    /// <exception cref="ArgumentException">The id is null or empty.</exception>
    public static byte[] Write(string eventId, string? reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        var id = ClientFrameText.Escape(eventId);
        if (string.IsNullOrEmpty(reason))
            return [.. "{\"type\":\"reject\",\"event_id\":\""u8, .. id, .. "\"}"u8];
        return [.. "{\"type\":\"reject\",\"event_id\":\""u8, .. id, .. "\",\"reason\":\""u8, .. ClientFrameText.Escape(Cut(reason)), .. "\"}"u8];
    }

    private static string Cut(string reason)
    {
        if (reason.Length <= MaxReasonLength)
            return reason;
        return reason[..(char.IsHighSurrogate(reason[MaxReasonLength - 1]) ? MaxReasonLength - 1 : MaxReasonLength)];
    }
}
