namespace VZaps.Gateway.Webhooks;

/// <summary>What became of an event that was read.</summary>
internal enum Begun
{
    /// <summary>It has a delivery already, or was skipped.</summary>
    No,

    /// <summary>Its delivery is out.</summary>
    Out,

    /// <summary>Its delivery has to be held, and stands in its chat's line.</summary>
    Held,
}

/// <summary>
/// What one endpoint has to attempt: how far it has read, what is out, what is pending and when, and which chats wait. Pure logic over what it is told;
/// thread-safe, as attempts end while the loop begins others.
/// </summary>
internal sealed class EndpointQueue(int maxPending, TimeSpan holdFor)
{
    private readonly Lock _lock = new();
    private readonly HashSet<long> _out = [];
    private readonly HashSet<long> _askedWhileOut = [];
    private readonly ChatLines _lines = new(holdFor);

    // By sequence: they have no row yet.
    private readonly Dictionary<long, DeliveryRow> _begun = [];
    private long _skippedThrough;
    private ReadProgress _progress = new(position: 0, kept: new HashSet<long>());
    private int _pending;
    private DateTimeOffset _nextDue = DateTimeOffset.MaxValue;

    public int Pending => Volatile.Read(ref _pending);

    /// <summary>The deliveries that are out now.</summary>
    public IReadOnlySet<long> Out
    {
        get
        {
            lock (_lock)
                return _out.ToHashSet();
        }
    }

    /// <summary>Whether a delivery is out now.</summary>
    public bool IsOut(long id)
    {
        lock (_lock)
            return _out.Contains(id);
    }

    /// <summary>When the next pending delivery is due; the end of time where none is.</summary>
    public DateTimeOffset NextDue
    {
        get
        {
            lock (_lock)
                return _nextDue;
        }
    }

    /// <summary>When there is something to do without anybody's asking: something is due, or holds back its chat no longer.</summary>
    public DateTimeOffset NextLook
    {
        get
        {
            lock (_lock)
                return _lines.NextEnd is { } end && end < _nextDue ? end : _nextDue;
        }
    }

    public long ReadThrough
    {
        get
        {
            lock (_lock)
                return _progress.ReadThrough;
        }
    }

    /// <summary>Whether another event may be begun: each of them may become pending. What was out when the gateway ended had its room.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _pending + _progress.OpenCount < maxPending || _progress.IsCatchingUp;
        }
    }

    /// <summary>Where reading starts.</summary>
    public void Start(long position, IReadOnlySet<long> kept)
    {
        lock (_lock)
        {
            _progress = new ReadProgress(position, kept);
            _progress.Skip(_skippedThrough);
        }
    }

    /// <summary>Begins no event up to a sequence that is not begun yet.</summary>
    /// <returns>Those that are begun and have no row: they are to have one before the position may go past them.</returns>
    public IReadOnlyList<DeliveryRow> SkipTo(long sequence)
    {
        lock (_lock)
        {
            _skippedThrough = Math.Max(_skippedThrough, sequence);
            _progress.Skip(_skippedThrough);
            _lines.ReadTo(_skippedThrough);
            return [.. _begun.Values];
        }
    }

    /// <summary>What is pending, in log order, and whether chats are kept in order.</summary>
    public void Load(IReadOnlyList<DeliveryRow> rows, WebhookOrder order, DateTimeOffset now)
    {
        lock (_lock)
        {
            _lines.Start(order);
            // What has not ended its first attempt is counted at its end.
            _pending = rows.Count(row => !_begun.ContainsKey(row.Sequence));
            _nextDue = DateTimeOffset.MaxValue;
            foreach (var row in rows.Where(row => !_out.Contains(row.Id)))
            {
                Note(row);
                _lines.Load(row, _progress.ReadThrough);
            }

            _lines.Expire(now);
        }
    }

    /// <summary>The next event was read.</summary>
    /// <param name="row">Its delivery, if it has none yet.</param>
    public Begun Begin(DeliveryRow row)
    {
        lock (_lock)
        {
            _lines.ReadTo(row.Sequence - 1);
            if (!_progress.Begin(row.Sequence))
            {
                _lines.ReadTo(row.Sequence);
                return Begun.No;
            }

            _begun.Add(row.Sequence, row);
            if (!_lines.TryGo(row.Id, row.Chat))
                return Begun.Held;
            _out.Add(row.Id);
            return Begun.Out;
        }
    }

    /// <summary>Everything up to a sequence is begun, or passed over.</summary>
    /// <returns>The position now.</returns>
    public long Pass(long sequence)
    {
        lock (_lock)
        {
            _progress.Pass(sequence);
            _lines.ReadTo(sequence);
            return _progress.Position();
        }
    }

    /// <summary>The position once that event is kept too.</summary>
    public long PositionWith(long sequence)
    {
        lock (_lock)
            return _progress.PositionWith(sequence);
    }

    /// <summary>Takes a delivery out for an attempt; false where it is out already.</summary>
    public bool TryTakeOut(long id)
    {
        lock (_lock)
            return _out.Add(id);
    }

    /// <summary>Somebody asks for a delivery. Where it is out, that attempt may have been made before what makes them ask: it does not count as what they asked for.</summary>
    public void NoteAsk(long id)
    {
        lock (_lock)
        {
            if (_out.Contains(id))
                _askedWhileOut.Add(id);
        }
    }

    /// <summary>Whether somebody asked for a delivery since it is out.</summary>
    public bool IsAskedWhileOut(long id)
    {
        lock (_lock)
            return _askedWhileOut.Contains(id);
    }

    /// <summary>A delivery that is out is attempted by its schedule, in its chat's turn; what is asked for by hand is in nobody's.</summary>
    public void Go(DeliveryRow row, DateTimeOffset now)
    {
        lock (_lock)
            _lines.Go(row, now);
    }

    /// <summary>A pending delivery that was not attempted is durable.</summary>
    /// <returns>The position now.</returns>
    public long EnterPending(DeliveryRow row)
    {
        lock (_lock)
        {
            _pending++;
            Keep(row);
            Note(row);
            return _progress.Position();
        }
    }

    /// <summary>What came of an attempt is durable.</summary>
    /// <param name="before">The delivery before; null for a new event's.</param>
    /// <param name="after">The delivery now.</param>
    /// <returns>The position now.</returns>
    public long Kept(DeliveryRow? before, DeliveryRow after)
    {
        lock (_lock)
        {
            BringBack(after.Id);
            if (before is null)
                Keep(after);
            var isPending = after.Status == DeliveryStatus.Pending;
            _pending += (isPending ? 1 : 0) - (before?.Status == DeliveryStatus.Pending ? 1 : 0);
            if (isPending)
                Note(after);
            _lines.End(after);
            return _progress.Position();
        }
    }

    /// <summary>A delivery that was taken out is not attempted.</summary>
    public void GiveBack(long id)
    {
        lock (_lock)
            BringBack(id);
    }

    /// <summary>Nothing came of an attempt: it is due again.</summary>
    public void PutBack(long id, DateTimeOffset due)
    {
        lock (_lock)
        {
            BringBack(id);
            NoteDue(due);
        }
    }

    /// <summary>Ends the waits behind those that have failed for too long.</summary>
    public void Expire(DateTimeOffset now)
    {
        lock (_lock)
            _lines.Expire(now);
    }

    /// <summary>The next held delivery whose turn has come.</summary>
    public bool TryPeekRelease(out Release release)
    {
        lock (_lock)
        {
            return _lines.TryPeekRelease(_out.Contains, out release);
        }
    }

    /// <summary>A released delivery is not pending any more.</summary>
    public void Forget(Release release)
    {
        lock (_lock)
        {
            _lines.Forget(release);
        }
    }

    /// <summary>All that is due is being read: what is noted from here on is news.</summary>
    public IReadOnlySet<long> BeginDueRead()
    {
        lock (_lock)
        {
            _nextDue = DateTimeOffset.MaxValue;
            return _out.ToHashSet();
        }
    }

    /// <summary>Something is due at that time.</summary>
    public void NoteNextDue(DateTimeOffset due)
    {
        lock (_lock)
            NoteDue(due);
    }

    private void Keep(DeliveryRow row)
    {
        _progress.Keep(row.Sequence);
        _begun.Remove(row.Sequence);
    }

    private void BringBack(long id)
    {
        _out.Remove(id);
        _askedWhileOut.Remove(id);
    }

    private void Note(DeliveryRow row)
    {
        if (row.NextAttemptAtMilliseconds is { } due)
            NoteDue(DateTimeOffset.FromUnixTimeMilliseconds(due));
    }

    private void NoteDue(DateTimeOffset due) => _nextDue = due < _nextDue ? due : _nextDue;
}
