namespace VZaps.Client.Subscribing;

/// <summary>What the handlers of events that have not been handled yet threw, over their attempts and deliveries. Bounded both ways.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FailureHistory
{
    /// <summary>Beyond this, the event that failed first is forgotten.</summary>
    public const int MaxEvents = 1_024;

    /// <summary>Beyond this, an event's first failures are forgotten; they are still counted.</summary>
    public const int MaxFailures = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Record> _records = new(StringComparer.Ordinal);
    private readonly Queue<Record> _order = new();
    private int _count;

    /// <summary>Whether any event is on record; a look without a lock, for the many that never failed.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public void Add(HandlerFailure failure)
    {
        lock (_gate)
        {
            var id = failure.Event.Id;
            if (!_records.TryGetValue(id, out var record))
            {
                record = new Record(id);
                _records.Add(id, record);
                _order.Enqueue(record);
                Trim();
            }

            record.Attempts++;
            record.Failures.Add(failure);
            if (record.Failures.Count > MaxFailures)
                record.Failures.RemoveAt(0);
        }
    }

    /// <summary>How often it failed, and the latest of those times.</summary>
    public (int Attempts, IReadOnlyList<HandlerFailure> Failures) Of(string id)
    {
        lock (_gate)
            return _records.TryGetValue(id, out var record) ? (record.Attempts, [.. record.Failures]) : (0, []);
    }

    /// <summary>It was handled after all.</summary>
    public void Forget(string id)
    {
        if (IsEmpty)
            return;
        lock (_gate)
        {
            _records.Remove(id);
            _count = _records.Count;
        }
    }

    private void Trim()
    {
        // What was forgotten is still in the queue; it leaves it here, too.
        while (_order.Count > MaxEvents)
        {
            var oldest = _order.Dequeue();
            if (_records.TryGetValue(oldest.Id, out var known) && known == oldest)
                _records.Remove(oldest.Id);
        }

        _count = _records.Count;
    }

    private sealed class Record(string id)
    {
        public string Id { get; } = id;

        public int Attempts { get; set; }

        public List<HandlerFailure> Failures { get; } = [];
    }
}
