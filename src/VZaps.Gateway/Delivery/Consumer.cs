namespace VZaps.Gateway.Delivery;

/// <summary>
/// One logical reader of one instance: for each event type a head (the newest event sent to any of its connections)
/// and what it owes (events at or below the head that none has acked). Thread-safe; its locks are short and hold no I/O.
/// </summary>
/// <remarks>
/// A connection moves only the types that its filter lets through, so one with another filter takes nothing from it.
/// </remarks>
internal sealed class Consumer
{
    private readonly Lock _lock = new();
    private readonly TypePosition?[] _types = new TypePosition?[EventTypeSet.TypeCount];
    private long _version;

    public Consumer(ConsumerKey key, ConsumerState? stored)
    {
        Key = key;
        foreach (var type in stored?.Types ?? [])
            _types[type.TypeIndex] = new TypePosition(type.Head, type.Owed);
    }

    public ConsumerKey Key { get; }

    /// <summary>The version of the state that was saved last; written by the saving loop alone.</summary>
    public long SavedVersion { get; set; }

    /// <summary>Rises with every change of the state.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>
    /// Settles where a connection starts. Types that the consumer never read get their first position: the cursor, or
    /// else the log's end.
    /// </summary>
    /// <param name="types">The types that the connection's filter lets through.</param>
    /// <param name="cursor">The client's cursor as a sequence; null without one.</param>
    /// <param name="logEnd">The newest durable event's sequence.</param>
    /// <param name="isNewType">Whether a type got its first position: it must be durable before the client is answered.</param>
    public ConnectionStart Attach(EventTypeSet types, long? cursor, long logEnd, out bool isNewType)
    {
        var after = new long[EventTypeSet.TypeCount];
        isNewType = false;
        lock (_lock)
        {
            foreach (var index in types.Indexes())
            {
                if (_types[index] is null)
                {
                    _types[index] = new TypePosition(cursor ?? logEnd, []);
                    isNewType = true;
                    _version++;
                }

                after[index] = cursor ?? _types[index]!.Head;
            }
        }

        return new ConnectionStart(types, after, this, withOwed: cursor is null);
    }

    /// <summary>An event is about to be sent to one of its connections.</summary>
    public void MarkSent(long sequence, byte typeIndex)
    {
        lock (_lock)
        {
            var type = _types[typeIndex]!;
            if (sequence <= type.Head)
                return;
            type.Head = sequence;
            type.Owed.Add(sequence);
            _version++;
        }
    }

    /// <summary>One of its connections acked an event; false where it was not owed.</summary>
    public bool TryAck(long sequence)
    {
        lock (_lock)
        {
            foreach (var type in _types)
            {
                if (type is not null && type.Owed.Remove(sequence))
                {
                    _version++;
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The newest sequence sent of a type; <see cref="long.MaxValue"/> for a type that was never read.</summary>
    public long HeadOf(int typeIndex)
    {
        lock (_lock)
            return _types[typeIndex]?.Head ?? long.MaxValue;
    }

    /// <summary>Whether the event is owed.</summary>
    public bool Owes(long sequence, byte typeIndex)
    {
        lock (_lock)
            return _types[typeIndex] is { } type && type.Owed.Contains(sequence);
    }

    /// <summary>The oldest owed event of a type behind a sequence; 0 where there is none.</summary>
    public long NextOwed(int typeIndex, long afterSequence)
    {
        lock (_lock)
            return _types[typeIndex] is { } type ? type.Owed.NextAfter(afterSequence) : 0;
    }

    /// <summary>Lets go of what is owed at or below a sequence: retention has removed it.</summary>
    /// <returns>How many events that were.</returns>
    public int Forget(long throughSequence)
    {
        var forgotten = 0;
        lock (_lock)
        {
            foreach (var type in _types)
            {
                while (type is { Owed: { Count: > 0 } owed } && owed.First <= throughSequence)
                {
                    owed.Remove(owed.First);
                    forgotten++;
                }
            }

            _version += forgotten;
        }

        return forgotten;
    }

    /// <summary>The state to save, and its version.</summary>
    public ConsumerState Snapshot()
    {
        lock (_lock)
        {
            var types = new List<TypeState>(EventTypeSet.TypeCount);
            for (var index = 0; index < _types.Length; index++)
            {
                if (_types[index] is { } type)
                    types.Add(new TypeState((byte)index, type.Head, [.. type.Owed.Items()]));
            }

            return new ConsumerState(types, _version);
        }
    }

    /// <summary>The position in one type.</summary>
    private sealed class TypePosition
    {
        public TypePosition(long head, IEnumerable<long> owed)
        {
            Head = head;
            foreach (var sequence in owed)
                Owed.Add(sequence);
        }

        public long Head { get; set; }

        public AscendingSequences Owed { get; } = new();
    }
}
