using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>
/// What one live connection has out, and what its consumer is told of it. A connection of <c>ephemeral</c> has neither:
/// what was written to its socket counts as acked. Thread-safe.
/// </summary>
/// <param name="info">The connection.</param>
/// <param name="consumer">The consumer; null for <c>ephemeral</c>.</param>
/// <param name="start">Where the connection starts.</param>
/// <param name="window">The connection's window.</param>
/// <param name="wake">Wakes the connection's sending loop.</param>
/// <param name="close">Asks for the connection's close.</param>
/// <param name="time">The clock.</param>
internal sealed class DeliveryAccount(
    ReaderInfo info,
    Consumer? consumer,
    ConnectionStart start,
    DeliveryWindow window,
    WakeSignal wake,
    Action<CloseCode, string> close,
    TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, LetterEntry> _redeliveries = []; // each once: a consumer's dead letters at most
    private long _fullSinceMs;
    private long _sent;
    private long _acked;
    private long _readThrough = start.First;
    private bool _mayTrickle;

    // A window that was full is filled again when an eighth of it is free: at one event an ack, each would be read and
    // written by itself. The client has the other seven eighths to work on.
    private readonly int _worthwhileRoom = Math.Max(1, window.Capacity / 8);

    public ReaderInfo Info => info;

    /// <summary>Up to where the log was read for it.</summary>
    public long ReadThrough
    {
        get => Volatile.Read(ref _readThrough);
        set => Volatile.Write(ref _readThrough, value);
    }

    /// <summary>The consumer; null for <c>ephemeral</c>.</summary>
    public Consumer? Consumer => consumer;

    /// <summary>Events sent, redeliveries included.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Acks that were taken.</summary>
    public long Acked => Volatile.Read(ref _acked);

    /// <summary>How many events are out.</summary>
    public int Open => consumer is null ? 0 : window.Count;

    /// <summary>Most events that may be out; 0 for <c>ephemeral</c>, which has no window.</summary>
    public int Capacity => consumer is null ? 0 : window.Capacity;

    /// <summary>Since when nothing more can be sent for want of acks; null while something can.</summary>
    public DateTimeOffset? FullSince => Volatile.Read(ref _fullSinceMs) is var ms and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Whether a delivery may be due.</summary>
    public bool IsLookDue => consumer is not null && window.IsLookDue;

    /// <summary>How many more events may be sent now.</summary>
    public int TakeRoom()
    {
        if (consumer is null)
            return int.MaxValue;
        var room = window.Room;
        if (room == 0)
        {
            // Said before the look: what another connection acks from here on is closed by that ack, and before, by the look.
            if (_fullSinceMs == 0)
            {
                Volatile.Write(ref _fullSinceMs, time.GetUtcNow().ToUnixTimeMilliseconds());
                window.CloseSettled(IsSettledElsewhere);
            }

            room = window.Room;
        }

        if (_fullSinceMs > 0 && room < _worthwhileRoom && !Volatile.Read(ref _mayTrickle))
            return 0;
        Volatile.Write(ref _fullSinceMs, 0);
        Volatile.Write(ref _mayTrickle, false);
        return room;
    }

    /// <summary>An event is about to be sent for the first time.</summary>
    public void OpenNext(long sequence, byte typeIndex)
    {
        Interlocked.Increment(ref _sent);
        if (consumer is null)
            return;
        // Where another connection was faster and has its ack already, this one's copy counts as acked, too.
        var isOwed = consumer.MarkSent(sequence, typeIndex);
        window.Open(sequence, typeIndex, isReplay: !isOwed && start.IsReplay(sequence, typeIndex));
    }

    /// <summary>Whether an event is still to be sent on this connection, or is out.</summary>
    public bool HasOrWillHave(long sequence, byte typeIndex) => IsOut(sequence)
        || (info.Types.Contains(typeIndex) && sequence > ReadThrough && start.Includes(sequence, typeIndex));

    /// <summary>Whether an event is out on this connection.</summary>
    public bool IsOut(long sequence) => consumer is not null && window.Contains(sequence);

    /// <summary>A dead letter is about to be sent; false where nobody expects it any more, or it is out.</summary>
    public bool TryOpenLetter(LetterEntry letter)
    {
        if (window.Contains(letter.Sequence) || !consumer!.Expects(letter.Sequence, letter.TypeIndex))
            return false;
        window.Open(letter.Sequence, letter.TypeIndex);
        Interlocked.Increment(ref _sent);
        return true;
    }

    /// <summary>A dead letter is to be sent on this connection, if its filter lets it through.</summary>
    public void Enqueue(LetterEntry letter)
    {
        if (!info.Types.Contains(letter.TypeIndex))
            return;
        lock (_lock)
            _redeliveries[letter.Sequence] = letter;
        wake.Set();
    }

    /// <summary>Whether dead letters may be sent now: none comes before what is older in the log and was not sent yet.</summary>
    public bool HasRedeliveries
    {
        get
        {
            lock (_lock)
                return _redeliveries.Count > 0 && _redeliveries.Keys.First() <= ReadThrough;
        }
    }

    /// <summary>Takes dead letters that may be sent now.</summary>
    public IReadOnlyList<LetterEntry> TakeRedeliveries(int most)
    {
        lock (_lock)
        {
            var letters = _redeliveries.Values.TakeWhile(letter => letter.Sequence <= ReadThrough).Take(most).ToList();
            letters.ForEach(letter => _redeliveries.Remove(letter.Sequence));
            return letters;
        }
    }

    /// <summary>The client acked an event; false where it is neither out on this connection nor expected of the consumer.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="isFirst">Whether this is the consumer's ack, and not the second one of a copy or a replay.</param>
    public bool TryAck(long sequence, out bool isFirst)
    {
        isFirst = false;
        if (consumer is null)
            return false;
        var wasOut = window.TryAck(sequence);
        // An ack may come for what an earlier connection of the consumer was sent: its handler finished after a cut.
        isFirst = consumer.TryAck(sequence);
        if (!isFirst && !wasOut)
            return false;
        Interlocked.Increment(ref _acked);
        WakeAfterSign();
        return true;
    }

    /// <summary>The client acked all that was sent up to and with an event; how many that were.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="first">How many of them are the consumer's ack.</param>
    public int AckUpTo(long sequence, out int first)
    {
        first = 0;
        if (consumer is null)
            return 0;
        var acked = new List<long>();
        window.AckUpTo(sequence, acked);
        foreach (var each in acked)
            first += consumer.TryAck(each) ? 1 : 0;
        Interlocked.Add(ref _acked, acked.Count);
        WakeAfterSign();
        return acked.Count;
    }

    /// <summary>The client wants an event again, not before a time; false where it is not out.</summary>
    public bool TryNack(long sequence, TimeSpan delay) => consumer is not null && AfterSign(window.TryNack(sequence, delay));

    /// <summary>The client is still at an event; false where it is not out or has had its hour.</summary>
    public bool TryExtend(long sequence, TimeSpan extension) => consumer is not null && AfterSign(window.TryExtend(sequence, extension));

    /// <summary>The client refuses an event for good; false where it is not out.</summary>
    public bool TryReject(long sequence, string? reason) => consumer is not null && AfterSign(window.TryReject(sequence, reason));

    /// <summary>Takes what is due: to be sent again, or to be dead-lettered. What another connection acked is left out.</summary>
    public void TakeDue(List<DueDelivery> due, int most)
    {
        if (consumer is null || !window.IsLookDue)
            return;
        window.CloseSettled(IsSettledElsewhere);
        window.TakeDue(due, most);
        Interlocked.Add(ref _sent, due.Count(delivery => delivery.Death is null));
    }

    /// <summary>A dead delivery is kept as a dead letter now, or its event is gone.</summary>
    public void CloseDead(long sequence) => window.CloseDead(sequence);

    /// <summary>The oldest event that is out and that the consumer expects an ack of; null where there is none.</summary>
    public (long Sequence, byte TypeIndex)? OldestExpected()
    {
        if (consumer is null)
            return null;
        foreach (var (sequence, typeIndex, isReplay) in window.Snapshot())
        {
            if (!isReplay && consumer.Expects(sequence, typeIndex))
                return (sequence, typeIndex);
        }

        return null;
    }

    /// <summary>Lets a window that was full be filled again with what little room there is: a client may hold the rest for long.</summary>
    /// <returns>Whether there is some.</returns>
    public bool LetTrickle()
    {
        if (Volatile.Read(ref _fullSinceMs) == 0 || consumer is null || window.Room == 0)
            return false;
        Volatile.Write(ref _mayTrickle, true);
        return true;
    }

    /// <summary>What the client has rejected and nobody has buried yet.</summary>
    public IReadOnlyList<DueDelivery> Rejected() => window.Rejected();

    /// <summary>An event was settled by another connection: where this one waits for room, that is some.</summary>
    public void OnSettled(long sequence)
    {
        if (Volatile.Read(ref _fullSinceMs) > 0 && window.TryCloseSettled(sequence) && window.Room >= _worthwhileRoom)
            wake.Set();
    }

    /// <summary>Asks for the connection's close.</summary>
    public void Close(CloseCode code, string text) => close(code, text);

    private bool IsSettledElsewhere(OpenDelivery delivery) => !delivery.IsReplay && !consumer!.Expects(delivery.Sequence, delivery.TypeIndex);

    private bool AfterSign(bool isTaken)
    {
        WakeAfterSign();
        return isTaken;
    }

    private void WakeAfterSign()
    {
        if ((Volatile.Read(ref _fullSinceMs) > 0 && window.Room >= _worthwhileRoom) || window.IsLookDue)
            wake.Set();
    }
}
