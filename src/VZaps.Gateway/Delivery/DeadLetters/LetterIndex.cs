namespace VZaps.Gateway.Delivery;

/// <summary>A dead letter as its consumer knows it; its row has the rest.</summary>
/// <param name="Sequence">The event.</param>
/// <param name="TypeIndex">Its type.</param>
/// <param name="IsRedelivered">Whether somebody asked for it to be delivered again.</param>
internal readonly record struct LetterEntry(long Sequence, byte TypeIndex, bool IsRedelivered);

/// <summary>Which events of a consumer are dead letters, so that a late ack is known for one without a query. Not thread-safe.</summary>
internal sealed class LetterIndex
{
    private readonly SortedDictionary<long, LetterEntry> _letters = [];
    private readonly List<long> _acked = [];

    public LetterIndex(IEnumerable<LetterEntry> stored)
    {
        foreach (var letter in stored)
            Put(letter);
    }

    public int Count => _letters.Count;

    /// <summary>Those that wait for an ack again, ascending.</summary>
    public IEnumerable<LetterEntry> Redelivered => _letters.Values.Where(letter => letter.IsRedelivered);

    public int RedeliveredCount { get; private set; }

    public bool Contains(long sequence) => _letters.ContainsKey(sequence);

    public bool IsRedelivered(long sequence) => _letters.TryGetValue(sequence, out var letter) && letter.IsRedelivered;

    public void Put(LetterEntry letter)
    {
        Remove(letter.Sequence);
        _acked.Remove(letter.Sequence); // it has a row again
        _letters[letter.Sequence] = letter;
        RedeliveredCount += letter.IsRedelivered ? 1 : 0;
    }

    public bool Remove(long sequence)
    {
        if (!_letters.Remove(sequence, out var letter))
            return false;
        RedeliveredCount -= letter.IsRedelivered ? 1 : 0;
        return true;
    }

    /// <summary>A late ack; false where there is no such letter. Its row is deleted by who asks <see cref="Acked"/>.</summary>
    public bool TryAck(long sequence)
    {
        if (_letters.Count == 0 || !Remove(sequence))
            return false;
        _acked.Add(sequence);
        return true;
    }

    /// <summary>Marks a letter as one that waits for an ack again; null where there is none.</summary>
    public LetterEntry? Redeliver(long sequence)
    {
        if (!_letters.TryGetValue(sequence, out var letter))
            return null;
        letter = letter with { IsRedelivered = true };
        Put(letter);
        return letter;
    }

    /// <summary>The oldest, as many as there are beyond a number.</summary>
    public IReadOnlyList<long> Beyond(int most) => _letters.Count <= most ? [] : [.. _letters.Keys.Take(_letters.Count - most)];

    /// <summary>All sequences, ascending.</summary>
    public IReadOnlyList<long> Sequences() => [.. _letters.Keys];

    /// <summary>The letters that were acked and whose rows are still there.</summary>
    public IReadOnlyList<long> Acked() => _acked.Count == 0 ? [] : [.. _acked];

    /// <summary>Their rows are deleted.</summary>
    public int ForgetAcked(IReadOnlyList<long> acked) => _acked.RemoveAll(acked.Contains);
}
