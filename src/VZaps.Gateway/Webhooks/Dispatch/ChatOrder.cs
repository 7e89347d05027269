namespace VZaps.Gateway.Webhooks;

/// <summary>
/// Which events of an endpoint wait for earlier ones of their chat. An event *blocks* its chat from its first attempt until it is settled, or until it has
/// failed for so long that it holds back nobody any more; what comes meanwhile is *held*, in order. Pure logic; not thread-safe.
/// </summary>
internal sealed class ChatOrder
{
    private readonly Dictionary<string, Chat> _chats = new(StringComparer.Ordinal);
    private readonly SortedSet<(DateTimeOffset At, long Id, string Chat)> _ends = [];

    /// <summary>When the next one blocks its chat no longer; null where none has failed.</summary>
    public DateTimeOffset? NextEnd => _ends.Count == 0 ? null : _ends.Min.At;

    /// <summary>Whether an event of the chat that comes now has to be held.</summary>
    public bool MustHold(string chat) => _chats.ContainsKey(chat);

    /// <summary>A delivery is attempted: it blocks its chat, also where it was held before.</summary>
    public void Block(string chat, long id)
    {
        var state = Get(chat);
        state.Held.Remove(id);
        state.Blocking.TryAdd(id, value: null);
    }

    /// <summary>A delivery that was held, or has failed for too long, is attempted: it holds back nobody.</summary>
    public void Leave(string chat, long id)
    {
        if (_chats.TryGetValue(chat, out var state))
            state.Held.Remove(id);
    }

    /// <summary>A delivery waits behind what blocks its chat.</summary>
    public void Hold(string chat, long id) => Get(chat).Held.AddLast(id);

    /// <summary>A delivery has failed and is to be tried again. From then on it blocks until a time at most.</summary>
    public void Fail(string chat, long id, DateTimeOffset until)
    {
        if (!_chats.TryGetValue(chat, out var state) || !state.Blocking.TryGetValue(id, out var known) || known is not null)
            return;
        state.Blocking[id] = until;
        _ends.Add((until, id, chat));
    }

    /// <summary>A delivery is settled: it neither blocks nor waits any more.</summary>
    /// <returns>The held one that goes next; null where there is none. Give it to <see cref="Block"/> before anything else of its chat.</returns>
    public long? Settle(string chat, long id)
    {
        if (!_chats.TryGetValue(chat, out var state))
            return null;
        state.Held.Remove(id);
        Unblock(chat, state, id);
        return Next(chat, state);
    }

    /// <summary>Ends the blocking of those that have failed for too long.</summary>
    /// <returns>The held ones that go next, for <see cref="Block"/>.</returns>
    public IReadOnlyList<(string Chat, long Id)> Expire(DateTimeOffset now)
    {
        List<(string Chat, long Id)>? next = null;
        while (_ends.Count > 0 && _ends.Min is var end && end.At <= now)
        {
            // Each comes once: whoever goes next has not failed yet, and so has no end.
            var state = _chats[end.Chat];
            Unblock(end.Chat, state, end.Id);
            if (Next(end.Chat, state) is { } id)
                (next ??= []).Add((end.Chat, id));
        }

        return next ?? [];
    }

    private void Unblock(string chat, Chat state, long id)
    {
        if (state.Blocking.Remove(id, out var until) && until is { } at)
            _ends.Remove((at, id, chat));
    }

    private long? Next(string chat, Chat state)
    {
        if (state.Blocking.Count > 0)
            return null;
        if (state.Held.First is { } first)
            return first.Value;
        _chats.Remove(chat);
        return null;
    }

    private Chat Get(string chat)
    {
        if (!_chats.TryGetValue(chat, out var state))
            _chats.Add(chat, state = new Chat());
        return state;
    }

    private sealed class Chat
    {
        /// <summary>Until when; null for one that has not failed yet.</summary>
        public Dictionary<long, DateTimeOffset?> Blocking { get; } = [];

        public LinkedList<long> Held { get; } = [];
    }
}
