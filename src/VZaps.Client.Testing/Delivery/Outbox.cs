namespace VZaps.Client.Testing.Delivery;

/// <summary>What is out on one connection, and when it is due again: pure logic, no I/O.</summary>
internal sealed class Outbox(FakeGatewayOptions options)
{
    private readonly Dictionary<int, OutEvent> _out = [];
    private long _sends;
    private long _answers;
    private DateTimeOffset _lastAnswer = DateTimeOffset.MinValue;

    public bool HasRoom => _out.Count < options.Window;

    public OutEvent? Find(LoggedEvent logged) => _out.GetValueOrDefault(logged.Index);

    /// <summary>The event is sent; which delivery that is on this connection.</summary>
    public int Send(LoggedEvent logged, DateTimeOffset now)
    {
        if (!_out.TryGetValue(logged.Index, out var sent))
            _out.Add(logged.Index, sent = new OutEvent(logged) { AnswersBefore = _answers });
        (sent.SendOrder, sent.ClockBegan, sent.NotBefore, sent.IsNacked) = (++_sends, now, null, false);
        return ++sent.Deliveries;
    }

    /// <summary>The event is out no more, here or on another connection of its consumer.</summary>
    public void Remove(LoggedEvent logged) => _out.Remove(logged.Index);

    /// <summary>The client answered for the event: what was sent behind it was waiting in its queue, and is not late.</summary>
    public void Answered(OutEvent answered, DateTimeOffset now)
    {
        _answers++;
        _lastAnswer = now;
        foreach (var later in _out.Values)
        {
            if (later.SendOrder > answered.SendOrder)
                later.ClockBegan = now;
        }
    }

    /// <summary>What is out and was sent up to and with that event, by log position, save what was nacked.</summary>
    public IReadOnlyList<LoggedEvent> UpTo(EventPosition last) =>
        [.. _out.Values.Where(sent => !sent.IsNacked && !last.IsBefore(sent.Logged.Position)).Select(sent => sent.Logged)];

    /// <summary>What is due, in the order of the log; whether it has used up its deliveries.</summary>
    public IReadOnlyList<(LoggedEvent Logged, bool IsSpent)> Due(DateTimeOffset now)
    {
        var due = _out.Values.Where(sent => DueAt(sent, now) <= now).OrderBy(sent => sent.Logged.Index);
        return [.. due.Select(sent => (sent.Logged, sent.Deliveries >= options.MaxDeliveries))];
    }

    /// <summary>When to look again; null for never.</summary>
    public DateTimeOffset? NextDue(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var sent in _out.Values)
        {
            if (DueAt(sent, now) is { } due && due < DateTimeOffset.MaxValue && (next is null || due < next))
                next = due;
        }

        return next;
    }

    private DateTimeOffset DueAt(OutEvent sent, DateTimeOffset now)
    {
        if (sent.NotBefore is { } notBefore)
            return notBefore;
        var due = sent.ClockBegan + (options.AckTimeout * (1L << Math.Min(sent.Deliveries - 1, 20)));
        // For want of an ack an event dies only if the connection has answered for another one since.
        if (sent.Deliveries >= options.MaxDeliveries && _answers == sent.AnswersBefore)
            return DateTimeOffset.MaxValue;
        // A connection that has been silent for an ack time-out is at its oldest event; the others wait in its queue.
        var isSilent = now - _lastAnswer >= options.AckTimeout;
        return isSilent && sent != Oldest() ? DateTimeOffset.MaxValue : due;
    }

    private OutEvent Oldest() => _out.Values.Where(sent => sent.NotBefore is null).MinBy(sent => sent.Logged.Index)!;
}
