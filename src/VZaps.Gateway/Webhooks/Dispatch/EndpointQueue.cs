namespace VZaps.Gateway.Webhooks;

/// <summary>
/// What one endpoint has to attempt: how far it has read, what is out, what is pending and when, and which chats wait. Pure logic over what it is told;
/// thread-safe, as attempts end while the loop begins others.
/// </summary>
internal sealed class EndpointQueue(int maxPending, TimeSpan holdFor)
{
    private readonly Lock _lock = new();
    private readonly HashSet<long> _out = [];
    private readonly LinkedList<Release> _released = [];
    private ReadProgress _progress = new(position: 0, kept: new HashSet<long>());
    private ChatOrder? _chats;
    private int _pending;
    private DateTimeOffset _nextDue = DateTimeOffset.MaxValue;

    /// <summary>A held delivery whose turn has come.</summary>
    public readonly record struct Release(string? Chat, long Id);

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
                return _chats?.NextEnd is { } end && end < _nextDue ? end : _nextDue;
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

    /// <summary>Whether another event may be begun: each of them may become pending.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _pending + _progress.OpenCount < maxPending;
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
            _chats = order == WebhookOrder.Chat ? new ChatOrder() : null;
            _pending = rows.Count;
            _released.Clear();
            _nextDue = DateTimeOffset.MaxValue;
            foreach (var row in rows)
                Load(row);
            ExpireHolds(now);
        }
    }

    /// <summary>The next event was read; false where it has a delivery already.</summary>
    public bool Begin(long sequence)
    {
        lock (_lock)
            return _progress.Begin(sequence);
    }

    /// <summary>Everything up to a sequence is begun, or passed over.</summary>
    /// <returns>The position now.</returns>
    public long Pass(long sequence)
    {
        lock (_lock)
        {
            _progress.Pass(sequence);
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
            Unrelease(row.Id);
            if (row.Chat is not { } chat)
                return true;
            if (HoldsUntil(row) > now)
                _chats?.Block(chat, row.Id);
            else
                _chats?.Leave(chat, row.Id);
            return true;
        }
    }

    /// <summary>Takes a delivery out for an attempt that somebody asked for, in nobody's turn; false where one is out already.</summary>
    public bool TryTakeOutByHand(long id)
    {
        lock (_lock)
            return _out.Add(id);
    }

    /// <summary>Takes a new event's delivery out; false where it has to be held instead, and then it is in its chat's line.</summary>
    public bool TakeOutOrHold(long id, string? chat)
    {
        lock (_lock)
        {
            if (chat is not null && _chats is { } chats)
            {
                if (chats.MustHold(chat))
                {
                    chats.Hold(chat, id);
                    return false;
                }

                chats.Block(chat, id);
            }

            _out.Add(id);
            return true;
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
            _out.Remove(after.Id);
            if (before is null)
                _progress.Keep(after.Sequence);
            var isPending = after.Status == DeliveryStatus.Pending;
            _pending += (isPending ? 1 : 0) - (before?.Status == DeliveryStatus.Pending ? 1 : 0);
            if (isPending)
                Note(after);
            if (after.Chat is { } chat && _chats is not null)
            {
                if (isPending)
                    _chats.Fail(chat, after.Id, HoldsUntil(after));
                else
                    Settle(chat, after.Id);
            }

            return _progress.Position();
        }
    }

    /// <summary>A delivery that was taken out by hand is not attempted now.</summary>
    public void GiveBack(long id)
    {
        lock (_lock)
            _out.Remove(id);
    }

    /// <summary>Nothing came of an attempt: it is due again.</summary>
    public void PutBack(long id, DateTimeOffset due)
    {
        lock (_lock)
        {
            _out.Remove(id);
            NoteDue(due);
        }
    }

    /// <summary>Ends the waits behind those that have failed for too long.</summary>
    public void Expire(DateTimeOffset now)
    {
        lock (_lock)
            ExpireHolds(now);
    }

    /// <summary>The next held delivery whose turn has come.</summary>
    public bool TryPeekRelease(out Release release)
    {
        lock (_lock)
        {
            // One that is out by hand comes when that attempt has ended.
            foreach (var waiting in _released)
            {
                if (_out.Contains(waiting.Id))
                    continue;
                release = waiting;
                return true;
            }

            release = default;
            return false;
        }
    }

    /// <summary>A released delivery is not pending any more.</summary>
    public void Forget(Release release)
    {
        lock (_lock)
        {
            Unrelease(release.Id);
            if (release.Chat is { } chat)
                Settle(chat, release.Id);
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

    private void Load(DeliveryRow row)
    {
        if (_out.Contains(row.Id))
            return;
        Note(row);
        if (row.Chat is not { } chat || _chats is null)
        {
            if (row.IsHeld)
                _released.AddLast(new Release(row.Chat, row.Id));
        }
        else if (!row.IsHeld)
        {
            _chats.Block(chat, row.Id);
            _chats.Fail(chat, row.Id, HoldsUntil(row));
        }
        else if (_chats.MustHold(chat))
        {
            _chats.Hold(chat, row.Id);
        }
        else
        {
            Free(chat, row.Id);
        }
    }

    private void ExpireHolds(DateTimeOffset now)
    {
        foreach (var (chat, id) in _chats?.Expire(now) ?? [])
            Free(chat, id);
    }

    private void Settle(string chat, long id)
    {
        if (_chats?.Settle(chat, id) is { } next)
            Free(chat, next);
    }

    private void Free(string chat, long id)
    {
        _chats!.Block(chat, id);
        _released.AddLast(new Release(chat, id));
    }

    private void Unrelease(long id)
    {
        for (var node = _released.First; node is not null; node = node.Next)
        {
            if (node.Value.Id != id)
                continue;
            _released.Remove(node);
            return;
        }
    }

    private DateTimeOffset HoldsUntil(DeliveryRow row) => LogId.CreatedAt(row.Id) + holdFor;

    private void Note(DeliveryRow row)
    {
        if (row.NextAttemptAtMilliseconds is { } due)
            NoteDue(DateTimeOffset.FromUnixTimeMilliseconds(due));
    }

    private void NoteDue(DateTimeOffset due) => _nextDue = due < _nextDue ? due : _nextDue;
}
