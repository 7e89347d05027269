namespace VZaps.Gateway.Delivery;

/// <summary>
/// The open deliveries of one connection: sent and not yet acked, bounded, each with the time at which it is due again.
/// Pure logic over a clock, no I/O.
/// </summary>
/// <remarks>
/// Thread-safe: the sending loop opens and takes what is due, the receiving loop acks, a ticker looks whether anything
/// is due. Its lock may be held while a consumer's is taken, never the other way round.
/// </remarks>
internal sealed class DeliveryWindow
{
    /// <summary>Until when a dead delivery may be on its way to the dead letters before it is taken again.</summary>
    private static readonly long BuryRetryTicks = TimeSpan.FromSeconds(1).Ticks;

    /// <summary>So many settlements are kept before it is worth looking which of them still matter.</summary>
    private const int FewestMarks = 64;

    private readonly Lock _lock = new();
    private readonly int _capacity;
    private readonly DeliverySchedule _schedule;
    private readonly TimeProvider _time;
    private readonly Random _jitter;
    private readonly long _origin;
    private readonly OpenDeliveries _open = new();
    private readonly SettleClock _settled = new();

    private long _sends;
    private long _acks;
    private long _lastSignAt;
    private long _nextLook = long.MaxValue;
    private bool _holdsBack;
    private int _mostMarks = FewestMarks;

    /// <param name="capacity">Most open deliveries, 1 and up.</param>
    /// <param name="schedule">When they are due again.</param>
    /// <param name="time">The clock; only its monotonic side decides, so a jump of the wall clock makes nothing due.</param>
    /// <param name="jitter">Spreads what was sent together.</param>
    public DeliveryWindow(int capacity, DeliverySchedule schedule, TimeProvider time, Random jitter)
    {
        (_capacity, _schedule, _time, _jitter) = (capacity, schedule, time, jitter);
        _origin = time.GetTimestamp();
    }

    /// <summary>Most open deliveries.</summary>
    public int Capacity => _capacity;

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>How many more may be opened.</summary>
    public int Room => _capacity - Count;

    /// <summary>Whether <see cref="TakeDue"/> may have something. Cheap: asked many times a second for every connection that has something out.</summary>
    public bool IsLookDue => Volatile.Read(ref _nextLook) is var next && next != long.MaxValue && Now() >= next;

    /// <summary>An event is about to be sent for the first time on this connection.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="typeIndex">Its type.</param>
    /// <param name="isReplay">Whether the consumer does not owe it.</param>
    /// <exception cref="InvalidOperationException">The window is full, or the event is out already.</exception>
    public void Open(long sequence, byte typeIndex, bool isReplay = false)
    {
        lock (_lock)
        {
            if (_open.Count >= _capacity || !_open.TryAdd(sequence, typeIndex, isReplay, out var delivery))
                throw new InvalidOperationException($"Event {sequence} cannot be opened: {_open.Count} of {_capacity} are out.");
            (delivery.AcksBefore, delivery.FirstSendOrder) = (_acks, _sends + 1);
            LookAt(MarkSent(delivery, Now()));
        }
    }

    /// <summary>Whether the event is out on this connection.</summary>
    public bool Contains(long sequence)
    {
        lock (_lock)
            return _open.Contains(sequence);
    }

    /// <summary>The client acked an event; false where it is not out.</summary>
    public bool TryAck(long sequence)
    {
        lock (_lock)
        {
            if (!_open.TryGet(sequence, out var delivery))
                return false;
            _acks++;
            Sign(delivery);
            Close(delivery);
            return true;
        }
    }

    /// <summary>
    /// The client acked everything that was sent on this connection up to and with an event, by log position. What was
    /// nacked or rejected and not sent again since is left out: the client has said what is to become of it.
    /// </summary>
    /// <param name="sequence">The last event that it means.</param>
    /// <param name="acked">Gets what was acked.</param>
    public void AckUpTo(long sequence, ICollection<long> acked)
    {
        lock (_lock)
        {
            for (var (delivery, next) = (_open.Oldest, _open.Oldest?.Next); delivery is not null; (delivery, next) = (next, next?.Next))
            {
                if (delivery.Sequence > sequence || delivery.IsNacked || delivery.IsRejected)
                    continue;
                acked.Add(delivery.Sequence);
                _acks++;
                Sign(delivery);
                Close(delivery);
            }
        }
    }

    /// <summary>The client wants an event again, and not before a time; false where it is not out.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="delay">0 to <see cref="ExtensionProtocol.LongestDelay"/>; cut to that.</param>
    public bool TryNack(long sequence, TimeSpan delay)
    {
        lock (_lock)
        {
            if (!_open.TryGet(sequence, out var delivery) || delivery.IsRejected)
                return false;
            Sign(delivery);
            delivery.IsNacked = true;
            // After the last delivery there is none to wait for.
            delivery.NackedUntil = Now() + (delivery.Deliveries >= _schedule.MaxDeliveries ? 0 : Math.Clamp(delay.Ticks, 0, ExtensionProtocol.LongestDelay.Ticks));
            LookAt(delivery.NackedUntil);
            return true;
        }
    }

    /// <summary>The client is still at an event; false where it is not out, or its extensions are used up.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="extension">It is due again so long from now; an hour in all.</param>
    public bool TryExtend(long sequence, TimeSpan extension)
    {
        lock (_lock)
        {
            if (!_open.TryGet(sequence, out var delivery) || delivery.IsRejected || delivery.IsNacked)
                return false;
            var now = Now();
            Sign(delivery);
            if (delivery.ExtensionLimit == 0)
                delivery.ExtensionLimit = now + ExtensionProtocol.LongestDelay.Ticks;
            var until = Math.Min(now + Math.Clamp(extension.Ticks, 0, ExtensionProtocol.LongestDelay.Ticks), delivery.ExtensionLimit);
            if (until <= now && extension > TimeSpan.Zero)
                return false;
            (delivery.IsExtended, delivery.ExtendedAt, delivery.ExtendedUntil) = (true, now, until);
            LookAt(until);
            return true;
        }
    }

    /// <summary>The client refuses an event for good; false where it is not out.</summary>
    public bool TryReject(long sequence, string? reason)
    {
        lock (_lock)
        {
            if (!_open.TryGet(sequence, out var delivery) || delivery.IsRejected)
                return false;
            Sign(delivery);
            (delivery.IsRejected, delivery.RejectReason) = (true, reason);
            LookAt(Now());
            return true;
        }
    }

    /// <summary>
    /// Takes what is to be sent again now, and what is not to be sent any more. The first count as sent from this moment;
    /// the others stay out until <see cref="CloseDead"/> says that they are kept elsewhere, and are taken again if that
    /// does not come.
    /// </summary>
    /// <param name="due">Gets them, oldest first.</param>
    /// <param name="most">How many at most; the rest is due at once.</param>
    public void TakeDue(List<DueDelivery> due, int most)
    {
        lock (_lock)
        {
            var now = Now();
            if (now < _nextLook)
                return;
            var isQuiet = now - _lastSignAt >= _schedule.AckTimeout.Ticks;
            var nextLook = long.MaxValue;
            _holdsBack = false;
            for (var delivery = _open.Oldest; delivery is not null; delivery = delivery.Next)
            {
                var dueAt = DueAt(delivery);
                if (now >= dueAt && due.Count < most && IsAllowed(delivery, isQuiet))
                    dueAt = Take(delivery, now, due);
                else if (now >= dueAt && due.Count < most)
                    (_holdsBack, dueAt) = (true, long.MaxValue);
                nextLook = Math.Min(nextLook, dueAt);
            }

            Volatile.Write(ref _nextLook, nextLook);
        }
    }

    /// <summary>A dead delivery is a dead letter now, or its event is gone; false where it was acked meanwhile.</summary>
    public bool CloseDead(long sequence)
    {
        lock (_lock)
        {
            if (!_open.TryGet(sequence, out var delivery))
                return false;
            // What waited behind it begins now; that the client has been heard of does not follow.
            _settled.Settle(delivery.FirstSendOrder, Now());
            Close(delivery);
            return true;
        }
    }

    /// <summary>Closes what was settled elsewhere: another connection of the consumer may have acked it.</summary>
    public void CloseSettled(Func<OpenDelivery, bool> isSettled)
    {
        lock (_lock)
        {
            for (var (delivery, next) = (_open.Oldest, _open.Oldest?.Next); delivery is not null; (delivery, next) = (next, next?.Next))
            {
                if (isSettled(delivery))
                    Close(delivery);
            }
        }
    }

    /// <summary>An event was settled elsewhere; whether it was out here, and not as a replay.</summary>
    public bool TryCloseSettled(long sequence)
    {
        lock (_lock)
        {
            if (!_open.TryGet(sequence, out var delivery) || delivery.IsReplay)
                return false;
            Close(delivery);
            return true;
        }
    }

    /// <summary>What the client has rejected and nobody has buried yet.</summary>
    public IReadOnlyList<DueDelivery> Rejected()
    {
        lock (_lock)
        {
            var (rejected, now) = (new List<DueDelivery>(), Now());
            for (var delivery = _open.Oldest; delivery is not null; delivery = delivery.Next)
            {
                if (delivery.IsRejected)
                    rejected.Add(new DueDelivery(delivery.Sequence, delivery.TypeIndex, delivery.IsReplay, delivery.Deliveries, DeathOf(delivery, now)));
            }

            return rejected;
        }
    }

    /// <summary>The events that are out, in the order in which they were sent first.</summary>
    public IReadOnlyList<(long Sequence, byte TypeIndex, bool IsReplay)> Snapshot()
    {
        lock (_lock)
        {
            var events = new List<(long, byte, bool)>(_open.Count);
            for (var delivery = _open.Oldest; delivery is not null; delivery = delivery.Next)
                events.Add((delivery.Sequence, delivery.TypeIndex, delivery.IsReplay));
            return events;
        }
    }

    private bool IsAllowed(OpenDelivery delivery, bool isQuiet)
    {
        if (delivery.IsRejected)
            return true;
        // Who acks nothing works through a queue, or is broken: either way copies of all of it would not help.
        if (isQuiet && delivery != _open.Oldest && !delivery.IsNacked)
            return false;
        // One that acks nothing at all is not a reason to give its events up.
        return delivery.Deliveries < _schedule.MaxDeliveries || _acks > delivery.AcksBefore;
    }

    /// <returns>When it is to be looked at next.</returns>
    private long Take(OpenDelivery delivery, long now, List<DueDelivery> due)
    {
        if (delivery.IsRejected || delivery.Deliveries >= _schedule.MaxDeliveries)
        {
            due.Add(new DueDelivery(delivery.Sequence, delivery.TypeIndex, delivery.IsReplay, delivery.Deliveries, DeathOf(delivery, now)));
            return now + BuryRetryTicks;
        }

        (delivery.Earlier ??= []).Add((delivery.SentAt, delivery.IsNacked ? DeliveryOutcome.Nacked : DeliveryOutcome.TimedOut));
        var next = MarkSent(delivery, now);
        due.Add(new DueDelivery(delivery.Sequence, delivery.TypeIndex, delivery.IsReplay, delivery.Deliveries, Death: null));
        return next;
    }

    private DeliveryDeath DeathOf(OpenDelivery delivery, long now)
    {
        var wallNow = _time.GetUtcNow();
        var last = delivery.IsRejected ? DeliveryOutcome.Rejected : delivery.IsNacked ? DeliveryOutcome.Nacked : DeliveryOutcome.TimedOut;
        var attempts = (delivery.Earlier ?? []).Append((delivery.SentAt, last))
            .Select(attempt => new DeliveryAttempt(wallNow - TimeSpan.FromTicks(now - attempt.Item1), attempt.Item2));
        return new DeliveryDeath(
            delivery.IsRejected ? DeadLetterReason.Rejected : DeadLetterReason.MaxDeliveries, delivery.RejectReason, [.. attempts]);
    }

    /// <returns>When it is due again if nothing happens.</returns>
    private long MarkSent(OpenDelivery delivery, long now)
    {
        delivery.Deliveries++;
        delivery.SendOrder = ++_sends;
        delivery.SentAt = now;
        delivery.Jitter = _jitter.NextDouble();
        delivery.IsNacked = delivery.IsExtended = false;
        return DueAt(delivery);
    }

    private long DueAt(OpenDelivery delivery)
    {
        if (delivery.IsRejected)
            return 0;
        if (delivery.IsNacked)
            return delivery.NackedUntil;
        var settledAhead = _settled.LastAheadOf(delivery.SendOrder);
        var wait = _schedule.Wait(delivery.Deliveries, delivery.Jitter).Ticks;
        if (!delivery.IsExtended)
            return Math.Max(delivery.SentAt, settledAhead) + wait;
        return settledAhead > delivery.ExtendedAt ? Math.Max(delivery.ExtendedUntil, settledAhead + wait) : delivery.ExtendedUntil;
    }

    /// <summary>The client said something about a delivery.</summary>
    private void Sign(OpenDelivery delivery)
    {
        _lastSignAt = Now();
        // By its first send: whichever copy of it the client was at, all that was sent after that one waited behind it.
        _settled.Settle(delivery.FirstSendOrder, _lastSignAt);
        if (_settled.Count >= _mostMarks)
            ForgetOldMarks();
        // What was held back because the client was silent, or had acked nothing, may go now.
        if (_holdsBack)
            LookAt(_lastSignAt);
    }

    private void ForgetOldMarks()
    {
        var open = new long[_open.Count];
        var count = 0;
        for (var delivery = _open.Oldest; delivery is not null; delivery = delivery.Next)
            open[count++] = delivery.SendOrder;
        Array.Sort(open);
        _settled.KeepFor(open);
        // Not before as many have come again: what it costs is shared by that many acks.
        _mostMarks = Math.Max(FewestMarks, _settled.Count * 2);
    }

    private void Close(OpenDelivery delivery)
    {
        // Of a silent client only the oldest is due: now that is another.
        if (_holdsBack && delivery == _open.Oldest)
            LookAt(Now());
        _open.Remove(delivery);
    }

    private void LookAt(long at) => Volatile.Write(ref _nextLook, Math.Min(_nextLook, at));

    /// <summary>Ticks since the window was made.</summary>
    private long Now() => _time.GetElapsedTime(_origin).Ticks;
}
