using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
/// <remarks>Thread-safe: the receiving loop asks, the handlers' threads answer. An event costs it no memory of its own.</remarks>
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
    private readonly Queue<Receipt> _open = new(); // in the order of receipt, from the mark on
    private readonly Queue<Receipt> _passed = new(); // handled and behind the mark, oldest first
    private string? _mark = start;
    private bool _markSorts = EventPosition.TryParse(start, out _);
    private string? _safe;
    private int _passedInHand;
    private bool _hasMoved;
    private int _receipts;
    private int _released;

    private enum State : byte
    {
        InHand,

        /// <summary>Nobody has tried to handle it to the end: it holds the mark until it comes again.</summary>
        Left,
        Failed,

        /// <summary>Given up for good: it holds nothing, and is handled all the same when a dead letter is redelivered.</summary>
        Rejected,
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

    /// <summary>The mark as it may be kept over a restart of the program: what it passed is not in hand any more. Null until it has moved.</summary>
    public string? Safe
    {
        get
        {
            lock (_gate)
            {
                Advance();
                return _safe;
            }
        }
    }

    /// <summary>Where reading began, once that is known and before an event came in; later, or with a start of the user's, it has no effect.</summary>
    public void StartAfter(string id)
    {
        lock (_gate)
        {
            if (_known.Count == 0 && _mark is null)
                (_mark, _markSorts) = (id, EventPosition.TryParse(id, out _));
        }
    }

    /// <summary>An event came in.</summary>
    public Admission Receive(string id)
    {
        lock (_gate)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, id, out var isKnown);
            if (!isKnown)
            {
                entry.Receipt = ++_receipts;
                _open.Enqueue(new Receipt(id, entry.Receipt));
                return Admission.Handle;
            }

            if (entry.State is State.InHand or State.Handled)
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
            foreach (var (id, entry) in _known)
            {
                if (entry.State == State.Handled)
                    _known.Remove(id);
            }
        }
    }

    /// <summary>All its handlers finished.</summary>
    public void Handled(string id)
    {
        lock (_gate)
            Settle(id, State.Handled);
    }

    /// <summary>A handler threw; the event may come again.</summary>
    public void Failed(string id)
    {
        lock (_gate)
            Settle(id, State.Failed);
    }

    /// <summary>It can never be handled, and the mark need not wait for it.</summary>
    public void Rejected(string id)
    {
        lock (_gate)
            Settle(id, State.Rejected);
    }

    /// <summary>As <see cref="Failed"/>, where it is not settled already.</summary>
    public void TryFail(string id) => TrySettle(id, State.Failed);

    /// <summary>Nobody handles it now, and it is not to blame. Where it is settled already, that stands.</summary>
    public void Leave(string id) => TrySettle(id, State.Left);

    private void TrySettle(string id, State state)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(id, out var entry) && entry.State == State.InHand)
                Settle(id, state);
        }
    }

    private void Settle(string id, State state)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_known, id);
        // The mark has passed it while it was out for too long, or it was forgotten.
        if (Unsafe.IsNullRef(ref entry))
            return;
        // It is settled: a late answer to a copy changes nothing, and must not be counted again.
        if (entry.State == State.Handled)
            return;
        entry.State = state;
        if (entry.IsPassed)
            SettlePassed(id, entry);
        else if (state == State.Failed && entry.HeldUntil == 0)
            entry.HeldUntil = (time.GetUtcNow() + LongestHold).UtcTicks;
        Advance();
    }

    private void SettlePassed(string id, Entry entry)
    {
        _passedInHand--;
        if (entry.State == State.Handled)
            Remember(new Receipt(id, entry.Receipt));
        else
            _known.Remove(id); // it is like new when it comes again
    }

    private void Advance()
    {
        MoveOn();
        if (_passedInHand == 0 && _hasMoved)
            _safe = _mark;
    }

    private void MoveOn()
    {
        while (_open.TryPeek(out var front))
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_known, front.Id);
            // One that was forgotten had been handled; it may have come again since, and then its id stands for the new one.
            var isForgotten = Unsafe.IsNullRef(ref entry) || entry.Receipt != front.Number;
            if (!isForgotten && entry.State < State.Rejected && !MayRelease(entry))
                return;
            _open.Dequeue();
            MoveMarkTo(front.Id);
            _hasMoved = true;
            if (!isForgotten)
                Pass(front, ref entry);
        }
    }

    private void Pass(Receipt front, ref Entry entry)
    {
        entry.IsPassed = true;
        if (entry.State == State.Handled)
            Remember(front);
        else if (entry.State == State.InHand)
            _passedInHand++;
        else if (entry.State == State.Rejected)
            _known.Remove(front.Id);
        else
            _released += _known.Remove(front.Id) ? 1 : 0;
    }

    /// <summary>Nothing holds the mark over too many others; what failed, not for too long either.</summary>
    private bool MayRelease(in Entry front) =>
        _open.Count > MaxTracked || (front.State == State.Failed && front.HeldUntil <= time.GetUtcNow().UtcTicks);

    // Ids of an instance sort in log order. A released event that comes again and is handled is behind the mark, and
    // would take it back over everything since.
    private void MoveMarkTo(string id)
    {
        var sorts = EventPosition.TryParse(id, out _);
        if (!sorts || !_markSorts || string.CompareOrdinal(id, _mark) > 0)
            (_mark, _markSorts) = (id, sorts);
    }

    private void Remember(Receipt handled)
    {
        _passed.Enqueue(handled);
        if (_passed.Count <= MaxRemembered)
            return;
        var oldest = _passed.Dequeue();
        if (_known.TryGetValue(oldest.Id, out var entry) && entry.Receipt == oldest.Number)
            _known.Remove(oldest.Id);
    }

    private readonly record struct Receipt(string Id, int Number);

    private struct Entry
    {
        /// <summary>Tells this one from another of the same id that was forgotten.</summary>
        public int Receipt;

        public State State;

        /// <summary>Whether the mark has passed it.</summary>
        public bool IsPassed;

        /// <summary>When its hold ends, in ticks; set by its first failure and not put off by later ones.</summary>
        public long HeldUntil;
    }
}
