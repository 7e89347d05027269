namespace VZaps.Gateway.Delivery;

/// <summary>A consumer's positions in all types that it has read: heads, and what it owes. Not thread-safe.</summary>
internal sealed class PositionTable
{
    private readonly TypePosition?[] _types = new TypePosition?[EventTypeSet.TypeCount];

    /// <param name="stored">The saved positions.</param>
    /// <param name="isOwed">Whether a saved event is still owed.</param>
    public PositionTable(IEnumerable<TypeState> stored, Func<long, bool> isOwed)
    {
        foreach (var type in stored)
            _types[type.TypeIndex] = new TypePosition(type.Head, type.Owed.Where(isOwed), type.LastReadAt);
    }

    /// <summary>How many events are owed.</summary>
    public int OwedCount
    {
        get
        {
            var count = 0;
            foreach (var type in _types)
                count += type?.Owed.Count ?? 0;
            return count;
        }
    }

    /// <summary>The position in a type; null where it was never read.</summary>
    public TypePosition? Of(int typeIndex) => _types[typeIndex];

    /// <summary>The position in a type, made where it was never read.</summary>
    public TypePosition GetOrAdd(int typeIndex, Func<TypePosition> first) => _types[typeIndex] ??= first();

    /// <summary>Whether the event is owed.</summary>
    public bool Owes(long sequence, int typeIndex) => _types[typeIndex] is { } type && type.Owed.Contains(sequence);

    /// <summary>What is owed of some types, ascending.</summary>
    public IEnumerable<(long Sequence, byte TypeIndex)> Owed(EventTypeSet types) => types.Indexes()
        .SelectMany(index => (_types[index]?.Owed.Items() ?? []).Select(sequence => (sequence, (byte)index)))
        .OrderBy(owed => owed.sequence);

    /// <summary>An event is not owed any more, whatever its type; false where it was not.</summary>
    public bool TrySettle(long sequence)
    {
        foreach (var type in _types)
        {
            if (type is not null && type.Owed.Remove(sequence))
                return true;
        }

        return false;
    }

    /// <summary>Moves the heads of some types up to a sequence; whether one moved.</summary>
    public bool Pass(EventTypeSet types, long throughSequence)
    {
        var hasMoved = false;
        for (var index = 0; index < _types.Length; index++)
        {
            if (!types.Contains(index) || _types[index] is not { } type || type.Head >= throughSequence)
                continue;
            type.Head = throughSequence;
            hasMoved = true;
        }

        return hasMoved;
    }

    /// <summary>Takes positions back that are ahead of the log's end; whether one was.</summary>
    public bool ClampTo(long logEnd)
    {
        var isAhead = false;
        foreach (var type in _types)
        {
            if (type is null || type.Head <= logEnd)
                continue;
            isAhead = true;
            var owed = type.Owed.Items().TakeWhile(sequence => sequence <= logEnd).ToList();
            type.MoveTo(logEnd);
            owed.ForEach(type.Owed.Add);
        }

        return isAhead;
    }

    /// <summary>Moves every type to one place; nothing is owed there.</summary>
    public void MoveTo(long afterSequence)
    {
        foreach (var type in _types)
            type?.MoveTo(afterSequence);
    }

    /// <summary>Some types are being read.</summary>
    public void Touch(EventTypeSet types, DateTimeOffset now)
    {
        foreach (var index in types.Indexes())
        {
            if (_types[index] is { } type)
                type.LastReadAt = now;
        }
    }

    /// <summary>The positions to save.</summary>
    public IReadOnlyList<TypeState> Snapshot()
    {
        var types = new List<TypeState>(EventTypeSet.TypeCount);
        for (var index = 0; index < _types.Length; index++)
        {
            if (_types[index] is { } type)
                types.Add(new TypeState((byte)index, type.Head, [.. type.Owed.Items()], type.LastReadAt));
        }

        return types;
    }
}
