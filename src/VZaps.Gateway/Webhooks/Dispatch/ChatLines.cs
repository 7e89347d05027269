namespace VZaps.Gateway.Webhooks;

/// <summary>A held delivery whose turn has come.</summary>
internal readonly record struct Release(string? Chat, long Id);

/// <summary>
/// Where the deliveries of an endpoint stand in the lines of their chats, and which of the held ones may go. Without the order <c>chat</c> there are no lines, and
/// what was held goes. Pure logic; not thread-safe.
/// </summary>
/// <param name="holdFor">How long one that fails may hold back others, from its creation.</param>
internal sealed class ChatLines(TimeSpan holdFor)
{
    private readonly LinkedList<Release> _released = [];
    private readonly Queue<DeliveryRow> _unread = new();
    private ChatOrder? _chats;

    /// <summary>When the next one blocks its chat no longer; null where none does.</summary>
    public DateTimeOffset? NextEnd => _chats?.NextEnd;

    /// <summary>Begins with empty lines.</summary>
    public void Start(WebhookOrder order)
    {
        _chats = order == WebhookOrder.Chat ? new ChatOrder() : null;
        _released.Clear();
        _unread.Clear();
    }

    /// <summary>Enters a pending delivery that is not out; they come in log order.</summary>
    /// <param name="row">The delivery.</param>
    /// <param name="readThrough">How far the log is read. What is held behind it may wait for an earlier event of its chat that was out when the gateway ended, has no row, and is
    /// about to be read once more: it stands in no line before its own event was read.</param>
    public void Load(DeliveryRow row, long readThrough)
    {
        if (row.IsHeld && row.Sequence > readThrough && _chats is not null)
            _unread.Enqueue(row);
        else
            Enter(row);
    }

    /// <summary>The log is read up to a sequence.</summary>
    public void ReadTo(long sequence)
    {
        while (_unread.TryPeek(out var row) && row.Sequence <= sequence)
            Enter(_unread.Dequeue());
    }

    private void Enter(DeliveryRow row)
    {
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

    /// <summary>A new delivery is to be attempted.</summary>
    /// <returns>False where it has to be held instead; then it stands in its chat's line.</returns>
    public bool TryGo(long id, string? chat)
    {
        if (chat is null || _chats is not { } chats)
            return true;
        if (chats.MustHold(chat))
        {
            chats.Hold(chat, id);
            return false;
        }

        chats.Block(chat, id);
        return true;
    }

    /// <summary>A pending delivery is attempted.</summary>
    public void Go(DeliveryRow row, DateTimeOffset now)
    {
        Unrelease(row.Id);
        if (row.Chat is not { } chat)
            return;
        if (HoldsUntil(row) > now)
            _chats?.Block(chat, row.Id);
        else
            _chats?.Leave(chat, row.Id);
    }

    /// <summary>What a delivery has become by an attempt.</summary>
    public void End(DeliveryRow row)
    {
        if (row.Chat is not { } chat || _chats is null)
            return;
        if (row.Status == DeliveryStatus.Pending)
            _chats.Fail(chat, row.Id, HoldsUntil(row));
        else
            Settle(chat, row.Id);
    }

    /// <summary>Ends the waits behind those that have failed for too long.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var (chat, id) in _chats?.Expire(now) ?? [])
            Free(chat, id);
    }

    /// <summary>The next held delivery whose turn has come.</summary>
    /// <param name="isOut">Whether one is out by hand: that comes when its attempt has ended.</param>
    /// <param name="release">The delivery.</param>
    public bool TryPeekRelease(Func<long, bool> isOut, out Release release)
    {
        foreach (var waiting in _released)
        {
            if (isOut(waiting.Id))
                continue;
            release = waiting;
            return true;
        }

        release = default;
        return false;
    }

    /// <summary>A released delivery is not pending any more.</summary>
    public void Forget(Release release)
    {
        Unrelease(release.Id);
        if (release.Chat is { } chat)
            Settle(chat, release.Id);
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
}
