namespace VZaps.Client.Subscribing;

/// <summary>What to do with an event that came in.</summary>
internal enum Admission
{
    /// <summary>It goes to the handlers: it is new, or comes again after a handler threw.</summary>
    Handle,

    /// <summary>It is waiting for its handlers or in them: drop this copy.</summary>
    InHand,

    /// <summary>It was handled: ack it again and drop it.</summary>
    Handled,
}

/// <summary>
/// Where a new connection resumes: the low-water mark of what was handled, that is the last event such that it and
/// everything received before it are handled. Remembers, within bounds, what has been handled, so that what comes again
/// is known.
/// </summary>
/// <remarks>Thread-safe: the receiving loop asks, the dispatching loop answers.</remarks>
internal sealed class HandledMark(string? start, TimeProvider time)
{
    /// <summary>A failed event holds the mark for so long; then it is left to the server's redelivery and its dead letters.</summary>
    public static TimeSpan LongestHold { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Events behind one that holds the mark. Beyond this the hold ends early, as memory is bounded too.</summary>
    public const int MaxTracked = 65_536;

    /// <summary>Handled events that are remembered after the mark has passed them.</summary>
    public const int MaxRemembered = 16_384;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _known = new(StringComparer.Ordinal);
    private readonly Queue<Entry> _open = new(); // in the order of receipt, from the mark on
    private readonly Queue<Entry> _passed = new(); // handled and behind the mark, oldest first
    private string? _mark = start;
    private int _released;

    private enum State
    {
        InHand,
        Failed,
        Handled,
    }

    /// <summary>The cursor for the next connection; null for none.</summary>
    /// <param name="released">How many failed events the mark has passed since the last call, having held it for long enough.</param>
    public string? Cursor(out int released)
    {
        lock (_gate)
        {
            Advance();
            released = _released;
            _released = 0;
            return _mark;
        }
    }

    /// <summary>Where reading began, once that is known and before an event came in; later, or with a start of the user's, it has no effect.</summary>
    public void StartAfter(string id)
    {
        lock (_gate)
        {
            if (_known.Count == 0)
                _mark ??= id;
        }
    }

    /// <summary>An event came in.</summary>
    public Admission Receive(string id)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(id, out var entry))
            {
                entry = new Entry(id);
                _known.Add(id, entry);
                _open.Enqueue(entry);
                return Admission.Handle;
            }

            if (entry.State != State.Failed)
                return entry.State == State.InHand ? Admission.InHand : Admission.Handled;
            entry.State = State.InHand;
            return Admission.Handle;
        }
    }

    /// <summary>Forgets which events were handled: they are to be handled again when they come again.</summary>
    public void ForgetHandled()
    {
        lock (_gate)
        {
            _passed.Clear();
            foreach (var id in _known.Values.Where(entry => entry.State == State.Handled).Select(entry => entry.Id).ToList())
                _known.Remove(id);
        }
    }

    /// <summary>All its handlers finished.</summary>
    public void Handled(string id) => Settle(id, State.Handled);

    /// <summary>A handler threw; the event may come again.</summary>
    public void Failed(string id) => Settle(id, State.Failed);

    /// <summary>As <see cref="Failed"/>, where it is not settled already.</summary>
    public void TryFail(string id)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(id, out var entry) || entry.State != State.InHand)
                return;
        }

        Failed(id);
    }

    private void Settle(string id, State state)
    {
        lock (_gate)
        {
            var entry = _known[id];
            entry.State = state;
            if (state == State.Failed)
                entry.HeldUntil ??= time.GetUtcNow() + LongestHold;
            Advance();
        }
    }

    private void Advance()
    {
        while (_open.TryPeek(out var front) && (front.State == State.Handled || MayRelease(front)))
        {
            _open.Dequeue();
            MoveMarkTo(front.Id);
            if (front.State == State.Handled)
                Remember(front);
            else
                _released += _known.Remove(front.Id) ? 1 : 0;
        }
    }

    private bool MayRelease(Entry front) =>
        front.State == State.Failed && (front.HeldUntil <= time.GetUtcNow() || _open.Count > MaxTracked);

    // Ids of an instance sort in log order. A released event that comes again and is handled is behind the mark, and
    // would take it back over everything since.
    private void MoveMarkTo(string id)
    {
        var sortable = EventPosition.TryParse(id, out _) && EventPosition.TryParse(_mark, out _);
        if (!sortable || string.CompareOrdinal(id, _mark) > 0)
            _mark = id;
    }

    private void Remember(Entry handled)
    {
        // One that was forgotten may have come again since: then its id stands for the new one.
        if (!_known.TryGetValue(handled.Id, out var known) || known != handled)
            return;
        _passed.Enqueue(handled);
        if (_passed.Count > MaxRemembered)
            _known.Remove(_passed.Dequeue().Id);
    }

    private sealed class Entry(string id)
    {
        public string Id { get; } = id;

        public State State { get; set; }

        /// <summary>When its hold ends; set by its first failure and not put off by later ones.</summary>
        public DateTimeOffset? HeldUntil { get; set; }
    }
}
