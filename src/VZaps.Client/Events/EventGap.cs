namespace VZaps;

/// <summary>Events that retention removed before this consumer had read them: they do not come any more.</summary>
public sealed record EventGap
{
    /// <summary>The id behind which the gap begins: the cursor or position that was held; null for the log's very beginning.</summary>
    public string? From { get; init; }

    /// <summary>The id of the oldest event that is retained, with which reading goes on; null where the server did not say.</summary>
    public string? To { get; init; }

    /// <summary>How many events of all types are missing: at most so many were missed. Null where the server did not say.</summary>
    public long? Events { get; init; }

    /// <summary>Why, as the server's stable word, such as <c>retention</c>; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When the event <see cref="From"/> was appended, in UTC; null where there is none.</summary>
    public DateTimeOffset? FromTime => TimeOf(From);

    /// <summary>When the event <see cref="To"/> was appended, in UTC; null where there is none.</summary>
    public DateTimeOffset? ToTime => TimeOf(To);

    /// <summary>The time that the gap spans; null where one of its ends has none.</summary>
    public TimeSpan? Span => ToTime - FromTime;

    private static DateTimeOffset? TimeOf(string? id) => EventPosition.TryParse(id, out var position) ? InRange(position) : null;

    // An id has room for times that the calendar has not.
    private static DateTimeOffset? InRange(EventPosition position) =>
        position.Value >> 80 <= (UInt128)(ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? position.AppendedAt : null;
}
