namespace VZaps.Gateway.Webhooks;

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
            _progress = new ReadProgress(position, kept);
    }

    /// <summary>What is pending, in log order, and whether chats are kept in order.</summary>
    public void Load(IReadOnlyList<DeliveryRow> rows, WebhookOrder order, DateTimeOffset now)
    {
        lock (_lock)
        {
            _lines.Start(order);
            _pending = rows.Count;
            _nextDue = DateTimeOffset.MaxValue;
            foreach (var row in rows.Where(row => !_out.Contains(row.Id)))
            {
                Note(row);
                _lines.Load(row, _progress.ReadThrough);
            }

            _lines.Expire(now);
        }
    }

    /// <summary>The next event was read; false where it has a delivery already.</summary>
    public bool Begin(long sequence)
    {
        lock (_lock)
        {
            _lines.ReadTo(sequence - 1);
            if (_progress.Begin(sequence))
                return true;
            _lines.ReadTo(sequence);
            return false;
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

    /// <summary>Takes a delivery out for an attempt of its schedule; false where one is out already.</summary>
    public bool TryTakeOut(DeliveryRow row, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_out.Add(row.Id))
                return false;
            _lines.Go(row, now);
            return true;
        }
    }

    /// <summary>Takes a delivery out for an attempt that somebody asked for, in nobody's turn; false where one is out already.</summary>
    public bool TryTakeOutByHand(long id)
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

    /// <summary>Takes a new event's delivery out; false where it has to be held instead, and then it is in its chat's line.</summary>
    public bool TakeOutOrHold(long id, string? chat)
    {
        lock (_lock)
        {
            return _lines.TryGo(id, chat) && _out.Add(id);
        }
    }

    /// <summary>A pending delivery that was not attempted is durable.</summary>
    /// <returns>The position now.</returns>
    public long EnterPending(DeliveryRow row)
    {
        lock (_lock)
        {
            _pending++;
            _progress.Keep(row.Sequence);
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
                _progress.Keep(after.Sequence);
            var isPending = after.Status == DeliveryStatus.Pending;
            _pending += (isPending ? 1 : 0) - (before?.Status == DeliveryStatus.Pending ? 1 : 0);
            if (isPending)
                Note(after);
            _lines.End(after);
            return _progress.Position();
        }
    }

    /// <summary>A delivery that was taken out by hand is not attempted now.</summary>
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
