namespace VZaps.Gateway.Ingest.Sources;

/// <summary>The times that sources give, as far as they are to be believed.</summary>
internal static class SourceTime
{
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(1);

    // WhatsApp was founded in it; what is older is a clock that was never set.
    private static readonly DateTimeOffset Oldest = new(2009, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Unix seconds; null where they are none.</summary>
    public static DateTimeOffset? OfUnix(long? seconds) =>
        seconds is >= 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    /// <summary>An RFC 3339 time; null where it is none.</summary>
    public static DateTimeOffset? OfText(string? text) => text is not null && Rfc3339.TryParse(text, out var time) ? time : null;

    /// <summary>When an event happened: the source's own time, or that of the receipt where there is none, or one that cannot be.</summary>
    public static DateTimeOffset CreatedAt(DateTimeOffset? own, DateTimeOffset receivedAt) =>
        own is { } time && time >= Oldest && time <= receivedAt + MostAhead ? time : receivedAt;
}
