namespace VZaps.Gateway.Log;

/// <summary>
/// The in-memory tail of one live instance: its newest envelopes and the signal that there are more. A reader that
/// keeps up never touches storage. Thread-safe.
/// </summary>
internal sealed class InstanceFeed(FeedLimits limits)
{
    private readonly Lock _lock = new();
    private readonly EnvelopeTail _tail = new(limits);
    private WakeSignal[] _readers = [];

    /// <summary>How many readers it has.</summary>
    public int ReaderCount => _readers.Length;

    /// <summary>Adds a reader; it is signalled for everything that is published from now on.</summary>
    public void Add(WakeSignal reader)
    {
        lock (_lock)
            _readers = [.. _readers, reader];
    }

    /// <summary>Removes a reader.</summary>
    public void Remove(WakeSignal reader)
    {
        lock (_lock)
            _readers = Array.FindAll(_readers, other => other != reader);
    }

    /// <summary>Takes over events that have become durable, and wakes the readers.</summary>
    public void Publish(ReadOnlySpan<Envelope> envelopes)
    {
        WakeSignal[] readers;
        lock (_lock)
        {
            foreach (ref readonly var envelope in envelopes)
                _tail.Add(envelope);
            readers = _readers;
        }

        foreach (var reader in readers)
            reader.Set();
    }

    /// <summary>
    /// Reads what follows a sequence; false where the tail does not reach back that far (or holds nothing yet): then
    /// the log has it.
    /// </summary>
    public bool TryRead(long afterSequence, EventTypeSet types, LogPageLimits page, out LogPage result)
    {
        lock (_lock)
        {
            result = default;
            if (_tail.LastSequence == 0 || afterSequence < _tail.FirstSequence - 1)
                return false;
            result = Read(afterSequence, types, page);
            return true;
        }
    }

    private LogPage Read(long afterSequence, EventTypeSet types, LogPageLimits page)
    {
        var last = _tail.LastSequence;
        if (afterSequence >= last)
            return new LogPage([], afterSequence, afterSequence, ReachedEnd: true);

        var envelopes = new List<Envelope>((int)Math.Min(last - afterSequence, page.MaxEvents));
        var readThrough = afterSequence;
        var bytes = 0;
        while (readThrough < last)
        {
            ref readonly var envelope = ref _tail.Of(readThrough + 1);
            if (types.Contains(envelope.TypeIndex))
            {
                if (envelopes.Count == page.MaxEvents || (bytes + envelope.Utf8.Length > page.MaxBytes && envelopes.Count > 0))
                    break;
                envelopes.Add(envelope);
                bytes += envelope.Utf8.Length;
            }

            readThrough++;
        }

        return new LogPage(envelopes, afterSequence, readThrough, readThrough == last);
    }
}
