namespace VZaps.Gateway.Delivery;

/// <summary>
/// Where a connection starts and what it lets through: what its consumer owed when it came, then what follows the
/// heads of that moment, both of its types and in one log order. Never changes; what is owed is asked of the consumer.
/// </summary>
internal sealed class ConnectionStart
{
    private readonly long[] _after; // by type: what follows is sent
    private readonly long[]? _replayThrough; // by type: up to here the consumer had it before
    private readonly Consumer? _owedBy;
    private readonly long _allNewAfter;

    /// <param name="types">The types that the filter lets through.</param>
    /// <param name="after">By type index, the sequence that everything follows.</param>
    /// <param name="replayThrough">By type index, the head of that moment where a cursor was given; else null.</param>
    /// <param name="consumer">The consumer; null for one that keeps no position.</param>
    /// <param name="withOwed">Whether what it owes at or below <paramref name="after"/> is sent, too.</param>
    public ConnectionStart(EventTypeSet types, long[] after, long[]? replayThrough, Consumer? consumer, bool withOwed)
    {
        Types = types;
        (_after, _replayThrough) = (after, replayThrough);
        _owedBy = withOwed ? consumer : null;
        _allNewAfter = types.Indexes().Select(index => after[index]).DefaultIfEmpty().Max();
        First = NextToRead(0);
    }

    /// <summary>The same start, where what lies before an event is gone.</summary>
    public ConnectionStart From(long firstRetained) => new(
        Types, [.. _after.Select(after => Math.Max(after, firstRetained - 1))], _replayThrough, _owedBy, withOwed: _owedBy is not null);

    /// <summary>The types that the filter lets through.</summary>
    public EventTypeSet Types { get; }

    /// <summary>The sequence behind which reading begins.</summary>
    public long First { get; }

    /// <summary>Whether everything behind a sequence is sent, of the types of the filter.</summary>
    public bool IsAllNewAfter(long sequence) => sequence >= _allNewAfter;

    /// <summary>Whether an event of one of the types is sent: it is new to the consumer, or still owed.</summary>
    public bool Includes(long sequence, byte typeIndex) =>
        sequence > _after[typeIndex] || (_owedBy is not null && _owedBy.Owes(sequence, typeIndex));

    /// <summary>Whether an event is sent again at the client's wish, by its cursor: the consumer had it before.</summary>
    public bool IsReplay(long sequence, byte typeIndex) => _replayThrough is not null && sequence <= _replayThrough[typeIndex];

    /// <summary>From where to read on: jumps over what is neither owed nor new.</summary>
    /// <param name="readThrough">Up to here everything was dealt with.</param>
    public long NextToRead(long readThrough)
    {
        if (IsAllNewAfter(readThrough))
            return readThrough;
        var next = _allNewAfter + 1;
        foreach (var index in Types.Indexes())
        {
            next = Math.Min(next, Math.Max(_after[index], readThrough) + 1);
            var owed = _owedBy?.NextOwed(index, readThrough) ?? 0;
            if (owed > 0)
                next = Math.Min(next, owed);
        }

        return next - 1;
    }
}
