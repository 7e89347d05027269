namespace VZaps.Cli.Soak;

/// <summary>
/// The account of one instance's events. Each has a number, which is its idempotency key and stands in its data; the ledger keeps which of
/// them were accepted and where in the log each stands, by its id.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class InstanceLedger(string instanceId)
{
    private readonly Lock _gate = new();
    private long[] _sequences = new long[4_096];
    private long _next;
    private long _storedTwice;

    public string InstanceId => instanceId;

    /// <summary>The numbers of events that a publish was answered for.</summary>
    public NumberSet Accepted { get; } = new();

    /// <summary>How often one key was seen with two ids: an event that was stored twice.</summary>
    public long StoredTwice => Interlocked.Read(ref _storedTwice);

    /// <summary>How many numbers were given out.</summary>
    public long Claimed => Interlocked.Read(ref _next);

    /// <summary>The first of so many new numbers.</summary>
    public long Claim(int count) => Interlocked.Add(ref _next, count) - count;

    /// <summary>The gateway answered that this number is durable under this id.</summary>
    public void Accept(long number, string eventId)
    {
        NoteId(number, eventId);
        Accepted.Add(number);
    }

    /// <summary>Notes the id under which a number came, and gives its place in the log.</summary>
    public long NoteId(long number, string eventId)
    {
        var sequence = EventPosition.TryParse(eventId, out var position) ? position.Sequence
            : throw new FormatException($"The gateway gave '{Screen.PlainText.Of(eventId)}' as an event id.");
        lock (_gate)
        {
            if (number >= _sequences.Length)
                Array.Resize(ref _sequences, (int)Math.Max(_sequences.Length * 2L, number + 1));
            if (_sequences[number] == 0)
                _sequences[number] = sequence;
            else if (_sequences[number] != sequence)
                Interlocked.Increment(ref _storedTwice);
        }

        return sequence;
    }
}
