namespace VZaps.Gateway.Delivery;

/// <summary>
/// When something ahead of a delivery was last settled. What waits in a client's queue is not late: its clock starts
/// anew whenever one ahead of it is done with. A settlement counts for everything sent after it, so one mark a
/// settlement says it to all of them, and a mark that a later one covers is dropped. Not thread-safe.
/// </summary>
internal sealed class SettleClock
{
    // Both ascending: a later settlement further ahead covers all those behind it.
    private readonly List<(long SendOrder, long At)> _marks = [];

    /// <summary>How many marks it holds.</summary>
    public int Count => _marks.Count;

    /// <summary>A delivery was settled.</summary>
    /// <param name="sendOrder">Its place among the connection's sends.</param>
    /// <param name="at">Now; never before an earlier call's.</param>
    public void Settle(long sendOrder, long at)
    {
        while (_marks.Count > 0 && _marks[^1].SendOrder >= sendOrder)
            _marks.RemoveAt(_marks.Count - 1);
        _marks.Add((sendOrder, at));
    }

    /// <summary>When something ahead of a send was last settled; <see cref="long.MinValue"/> where nothing was.</summary>
    public long LastAheadOf(long sendOrder)
    {
        var behind = CountAheadOf(sendOrder);
        return behind == 0 ? long.MinValue : _marks[behind - 1].At;
    }

    /// <summary>Drops the marks that no open delivery asks for: each asks for the last one ahead of it. The newest stays for
    /// what is sent next.</summary>
    /// <param name="open">The send orders that are open, ascending.</param>
    public void KeepFor(ReadOnlySpan<long> open)
    {
        var kept = 0;
        foreach (var sendOrder in open)
        {
            var ahead = CountAheadOf(sendOrder) - 1;
            // What is kept moves down in place; one that asks for the same mark as the one before it keeps it once.
            if (ahead >= kept && (kept == 0 || _marks[kept - 1] != _marks[ahead]))
                _marks[kept++] = _marks[ahead];
        }

        if (_marks.Count > kept && (kept == 0 || _marks[kept - 1] != _marks[^1]))
            _marks[kept++] = _marks[^1];
        _marks.RemoveRange(kept, _marks.Count - kept);
    }

    /// <summary>How many marks stand ahead of a send.</summary>
    private int CountAheadOf(long sendOrder)
    {
        var (low, high) = (0, _marks.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_marks[middle].SendOrder < sendOrder)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
