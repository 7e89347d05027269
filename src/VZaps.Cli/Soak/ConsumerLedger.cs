namespace VZaps.Cli.Soak;

/// <summary>The account of one consumer: what its handler got of its instance's events.</summary>
/// <remarks>One handler at a time adds to it; anybody may read.</remarks>
internal sealed class ConsumerLedger(string name, InstanceLedger instance)
{
    private long _newest;
    private long _redelivered;
    private long _outOfOrder;
    private long _foreign;

    public string Name => name;

    public InstanceLedger Instance => instance;

    /// <summary>The numbers of events that reached the handler.</summary>
    public NumberSet Delivered { get; } = new();

    /// <summary>Deliveries that the handler got of an event that it had got before.</summary>
    public long Redelivered => Interlocked.Read(ref _redelivered);

    /// <summary>First deliveries that came after one further on in the log.</summary>
    public long OutOfOrder => Interlocked.Read(ref _outOfOrder);

    /// <summary>Events that nobody here published.</summary>
    public long Foreign => Interlocked.Read(ref _foreign);

    /// <summary>The handler has an event.</summary>
    public void Deliver(long number, string eventId)
    {
        if (number < 0 || number >= instance.Claimed)
        {
            Interlocked.Increment(ref _foreign);
            return;
        }

        var sequence = instance.NoteId(number, eventId);
        if (!Delivered.Add(number))
            Interlocked.Increment(ref _redelivered);
        else if (sequence < _newest)
            Interlocked.Increment(ref _outOfOrder);
        _newest = Math.Max(_newest, sequence);
    }

    /// <summary>Accepted events that have not reached the handler.</summary>
    public (long Count, IReadOnlyList<long> First) Missing(int first) => instance.Accepted.Except(Delivered, first);
}
