namespace VZaps.Gateway.Webhooks;

/// <summary>
/// How far an endpoint has come: what it began, what of that is not kept yet, and so its position, at and below which nothing has to be read again.
/// Pure logic; not thread-safe.
/// </summary>
/// <param name="position">Where it starts.</param>
/// <param name="kept">Sequences behind it that have a delivery already.</param>
internal sealed class ReadProgress(long position, IReadOnlySet<long> kept)
{
    private readonly SortedSet<long> _open = [];
    private readonly HashSet<long> _kept = [.. kept];

    /// <summary>Everything up to this sequence was begun, or passed over.</summary>
    public long ReadThrough { get; private set; } = position;

    /// <summary>Events that were begun and are not kept yet.</summary>
    public int OpenCount => _open.Count;

    /// <summary>The next event was read.</summary>
    /// <returns>Whether it is to be begun; false where it has a delivery from before a restart.</returns>
    public bool Begin(long sequence)
    {
        ReadThrough = sequence;
        if (_kept.Remove(sequence))
            return false;
        _open.Add(sequence);
        return true;
    }

    /// <summary>Everything up to a sequence was of another type, or begun.</summary>
    public void Pass(long sequence) => ReadThrough = Math.Max(ReadThrough, sequence);

    /// <summary>An event's delivery is durable.</summary>
    public void Keep(long sequence) => _open.Remove(sequence);

    /// <summary>The position now.</summary>
    public long Position() => _open.Count == 0 ? ReadThrough : _open.Min - 1;

    /// <summary>The position once that event is kept as well: what is saved along with it.</summary>
    public long PositionWith(long sequence)
    {
        if (_open.Count == 0 || _open.Min != sequence)
            return Position();
        return _open.Count == 1 ? ReadThrough : _open.Skip(1).First() - 1;
    }
}
