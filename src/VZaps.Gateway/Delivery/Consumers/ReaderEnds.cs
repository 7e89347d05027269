namespace VZaps.Gateway.Delivery;

/// <summary>A connection that ended with an event as its oldest unacked one.</summary>
/// <param name="ConnectionId">Which.</param>
/// <param name="At">When.</param>
internal readonly record struct ReaderEnd(string ConnectionId, DateTimeOffset At);

/// <summary>
/// Which owed events were the oldest unacked one of a connection that ended: an event that crashes its bot each time
/// shows by that. Not thread-safe.
/// </summary>
internal sealed class ReaderEnds
{
    /// <summary>At so many ends an event is taken for what ended them.</summary>
    public const int Fatal = 5;

    private readonly SortedDictionary<long, List<ReaderEnd>> _ends = [];

    public ReaderEnds(IReadOnlyDictionary<long, IReadOnlyList<ReaderEnd>> stored)
    {
        foreach (var (sequence, ends) in stored)
            _ends[sequence] = [.. ends];
    }

    /// <summary>Counts an end; how many there were.</summary>
    public int Add(long sequence, ReaderEnd end)
    {
        if (!_ends.TryGetValue(sequence, out var ends))
            _ends[sequence] = ends = [];
        ends.Add(end);
        return ends.Count;
    }

    /// <summary>The ends with an event, oldest first.</summary>
    public IReadOnlyList<ReaderEnd> Of(long sequence) => _ends.TryGetValue(sequence, out var ends) ? [.. ends] : [];

    /// <summary>The event is settled.</summary>
    public void Forget(long sequence)
    {
        if (_ends.Count > 0)
            _ends.Remove(sequence);
    }

    /// <summary>All of them, to be saved.</summary>
    public IReadOnlyDictionary<long, IReadOnlyList<ReaderEnd>> Snapshot() =>
        _ends.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<ReaderEnd>)[.. pair.Value]);
}
