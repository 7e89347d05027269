namespace VZaps.Gateway.Delivery;

/// <summary>A consumer's position in one event type. Not thread-safe.</summary>
internal sealed class TypePosition
{
    public TypePosition(long head, IEnumerable<long> owed, DateTimeOffset lastReadAt)
    {
        (Head, LastReadAt) = (head, lastReadAt);
        foreach (var sequence in owed)
            Owed.Add(sequence);
    }

    /// <summary>The newest event sent to any connection.</summary>
    public long Head { get; set; }

    /// <summary>Events at or below the head that nobody has acked.</summary>
    public AscendingSequences Owed { get; private set; } = new();

    /// <summary>The consumer's version that this first position came with: until that is saved, it is not durable.</summary>
    public long FirstVersion { get; init; }

    /// <summary>When a connection last read this type.</summary>
    public DateTimeOffset LastReadAt { get; set; }

    /// <summary>Moves to another place: nothing is owed there.</summary>
    public void MoveTo(long head) => (Head, Owed) = (head, new AscendingSequences());
}
