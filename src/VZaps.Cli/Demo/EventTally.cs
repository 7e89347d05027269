namespace VZaps.Cli.Demo;

/// <summary>
/// The account of events. It holds ids only while one side knows of them: event ids of one instance sort in log order, so
/// an id at or below the newest received came before, and one that the phone's next id has passed is somebody else's.
/// </summary>
/// <remarks>Thread-safe. <see cref="Published"/> is called in the order of the log, as first receipts are.</remarks>
internal sealed class EventTally
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _outstanding = [];
    private readonly Queue<string> _unclaimed = new();
    private TaskCompletionSource _changed = NewSignal();
    private string _newest = "";
    private long _published;
    private long _received;
    private long _foreign;
    private long _redelivered;

    /// <summary>The newest id received; empty before the first.</summary>
    public string Newest
    {
        get
        {
            lock (_gate)
                return _newest;
        }
    }

    /// <summary>Events received, each once.</summary>
    public long ReceivedCount
    {
        get
        {
            lock (_gate)
                return _received;
        }
    }

    /// <summary>Events of the phone that have not come yet.</summary>
    public int OutstandingCount
    {
        get
        {
            lock (_gate)
                return _outstanding.Count;
        }
    }

    /// <summary>The gateway answered the phone's publish with this id. It may have been received before that.</summary>
    public void Published(string id)
    {
        lock (_gate)
        {
            _published++;
            while (_unclaimed.TryPeek(out var earlier) && string.CompareOrdinal(earlier, id) < 0)
            {
                _unclaimed.Dequeue();
                _foreign++;
            }

            if (!_unclaimed.TryPeek(out var same) || same != id)
                _outstanding.Add(id);
            else
                _unclaimed.Dequeue();
            Signal();
        }
    }

    /// <summary>The subscriber got this event.</summary>
    public void Received(string id)
    {
        lock (_gate)
        {
            var wasOutstanding = _outstanding.Remove(id);
            if (string.CompareOrdinal(id, _newest) > 0)
            {
                _newest = id;
                if (!wasOutstanding)
                    _unclaimed.Enqueue(id);
            }
            else if (!wasOutstanding)
            {
                _redelivered++;
                return;
            }

            _received++;
            Signal();
        }
    }

    /// <summary>Deliveries came that the SDK had no use for: it had handled the events.</summary>
    public void Redelivered(long count)
    {
        lock (_gate)
            _redelivered += count;
    }

    /// <summary>Completes when the condition holds; it is asked again after each change.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task WaitUntilAsync(Func<EventTally, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = _changed.Task;
            if (condition(this))
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The account as it stands.</summary>
    /// <param name="unacked">Events received that the gateway still wants an ack for.</param>
    public DemoSummary Summarize(long unacked)
    {
        lock (_gate)
            return new DemoSummary(_published, _received, _foreign + _unclaimed.Count, _received - unacked, _redelivered, _outstanding.Count);
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
