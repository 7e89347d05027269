namespace VZaps.Gateway.Delivery;

/// <summary>
/// One logical reader of one instance: for each event type a head (the newest event sent to any of its connections)
/// and what it owes (events at or below the head that none has acked); beside them what it knows of its dead letters,
/// and its live connections. Thread-safe; its lock is short, holds no I/O, and no other lock is taken under it.
/// </summary>
/// <remarks>
/// A connection moves only the types that its filter lets through, so one with another filter takes nothing from it.
/// </remarks>
internal sealed class Consumer : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PositionTable _positions;
    private readonly ReaderEnds _readerEnds;
    private readonly LetterIndex _letters;
    private volatile DeliveryAccount[] _connections = [];
    private TaskCompletionSource? _alone;
    private Gap? _lastGap;
    private int _moves;
    private bool _isForgotten;
    private long _version;
    private long _savedVersion;

    /// <param name="key">Which consumer.</param>
    /// <param name="stored">Its saved state; null for a new one.</param>
    /// <param name="letters">Its dead letters. They are not owed, even where a crash kept the state from saying so.</param>
    public Consumer(ConsumerKey key, ConsumerState? stored, IReadOnlyCollection<LetterEntry>? letters = null)
    {
        Key = key;
        _readerEnds = new ReaderEnds(stored?.ReaderEnds ?? new Dictionary<long, IReadOnlyList<ReaderEnd>>());
        _letters = new LetterIndex(letters ?? []);
        (_lastGap, _moves) = (stored?.LastGap, stored?.Moves ?? 0);
        _positions = new PositionTable(stored?.Types ?? [], sequence => !_letters.Contains(sequence));
    }

    public ConsumerKey Key { get; }

    /// <summary>Held by whoever makes dead letters of its events: one at a time, so that each is made once.</summary>
    public SemaphoreSlim Burying { get; } = new(1);

    /// <summary>Held by whoever settles where connections start, or moves or forgets the consumer: one at a time.</summary>
    public SemaphoreSlim Settling { get; } = new(1);

    /// <summary>Set under <see cref="Settling"/>: the consumer is gone, and whoever waited for it looks it up again.</summary>
    public bool IsForgotten
    {
        get => Volatile.Read(ref _isForgotten);
        set => Volatile.Write(ref _isForgotten, value);
    }

    /// <summary>The version of the state that was saved last; written by the saving loop alone.</summary>
    public long SavedVersion
    {
        get => Interlocked.Read(ref _savedVersion);
        set => Interlocked.Exchange(ref _savedVersion, value);
    }

    /// <summary>Rises with every change of the state.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Its live connections now.</summary>
    public IReadOnlyList<DeliveryAccount> Connections => _connections;

    /// <summary>How often it was moved by a seek: clients that remember what they handled forget it when that changes.</summary>
    public int Moves
    {
        get
        {
            lock (_lock)
                return _moves;
        }
    }

    /// <summary>How many events it owes.</summary>
    public int OwedCount
    {
        get
        {
            lock (_lock)
                return _positions.OwedCount;
        }
    }

    /// <summary>
    /// Settles where a connection starts. Types that the consumer never read get their first position: the cursor, or
    /// else the log's end.
    /// </summary>
    /// <param name="types">The types that the connection's filter lets through.</param>
    /// <param name="cursor">The client's cursor as a sequence; null without one.</param>
    /// <param name="logEnd">The newest durable event's sequence.</param>
    /// <param name="now">When the types are read.</param>
    /// <param name="mustSave">Whether the first position of one of the types is not durable yet, whoever made it: it must be before
    /// the client is answered.</param>
    public ConnectionStart Attach(EventTypeSet types, long? cursor, long logEnd, DateTimeOffset now, out bool mustSave)
    {
        var (after, heads) = (new long[EventTypeSet.TypeCount], new long[EventTypeSet.TypeCount]);
        mustSave = false;
        lock (_lock)
        {
            foreach (var index in types.Indexes())
            {
                var type = _positions.GetOrAdd(index, () => new TypePosition(cursor ?? logEnd, [], now) { FirstVersion = _version + 1 });
                mustSave |= type.FirstVersion > SavedVersion;
                type.LastReadAt = now;
                (heads[index], after[index]) = (type.Head, cursor ?? type.Head);
            }

            _version++;
        }

        return new ConnectionStart(types, after, cursor is null ? null : heads, this, withOwed: cursor is null);
    }

    /// <summary>A connection is live from now on; it is told of the dead letters that wait for an ack again.</summary>
    public void Add(DeliveryAccount connection)
    {
        lock (_lock)
        {
            _connections = [.. _connections, connection];
            foreach (var letter in _letters.Redelivered)
                connection.Enqueue(letter);
        }
    }

    /// <summary>A connection has ended.</summary>
    public void Remove(DeliveryAccount connection, DateTimeOffset now)
    {
        lock (_lock)
        {
            _connections = Array.FindAll(_connections, other => other != connection);
            Touch(connection.Info.Types, now);
            if (_connections.Length == 0)
                _alone?.TrySetResult();
        }
    }

    /// <summary>Completes when it has no live connection.</summary>
    public Task WaitUntilAloneAsync()
    {
        lock (_lock)
        {
            if (_connections.Length == 0)
                return Task.CompletedTask;
            _alone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _alone.Task;
        }
    }

    /// <summary>Its live connections go on reading: their types are not to be taken for old.</summary>
    public void TouchLive(DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var connection in _connections)
                Touch(connection.Info.Types, now);
        }
    }

    /// <summary>An event is about to be sent to one of its connections; whether it is owed from now on, or still.</summary>
    public bool MarkSent(long sequence, byte typeIndex)
    {
        lock (_lock)
        {
            var type = _positions.Of(typeIndex)!;
            if (sequence <= type.Head)
                return type.Owed.Contains(sequence);
            type.Head = sequence;
            type.Owed.Add(sequence);
            _version++;
            return true;
        }
    }

    /// <summary>
    /// A connection has read its types up to a sequence, and sent what there was: their heads stand there, even where there was
    /// nothing. Else the head of a rare type would stay behind for ever, and all that follows it would have to be looked through.
    /// </summary>
    public void Pass(EventTypeSet types, long throughSequence)
    {
        lock (_lock)
        {
            if (_positions.Pass(types, throughSequence))
                _version++;
        }
    }

    /// <summary>One of its connections acked an event; false where it was neither owed nor a dead letter.</summary>
    public bool TryAck(long sequence)
    {
        lock (_lock)
        {
            // Both: after a crash a dead letter may have been sent again, as one that follows the saved head.
            if (!(_positions.TrySettle(sequence) | _letters.TryAck(sequence)))
                return false;
            _readerEnds.Forget(sequence);
            _version++;
        }

        TellSettled(sequence);
        return true;
    }

    /// <summary>Whether the event is owed.</summary>
    public bool Owes(long sequence, byte typeIndex)
    {
        lock (_lock)
            return _positions.Owes(sequence, typeIndex);
    }

    /// <summary>Whether somebody still has to ack the event: it is owed, or a dead letter that was redelivered.</summary>
    public bool Expects(long sequence, byte typeIndex)
    {
        lock (_lock)
            return _positions.Owes(sequence, typeIndex) || _letters.IsRedelivered(sequence);
    }

    /// <summary>The newest sequence sent of a type; <see cref="long.MaxValue"/> for a type that was never read.</summary>
    public long HeadOf(int typeIndex)
    {
        lock (_lock)
            return _positions.Of(typeIndex)?.Head ?? long.MaxValue;
    }

    /// <summary>The oldest owed event of a type behind a sequence; 0 where there is none.</summary>
    public long NextOwed(int typeIndex, long afterSequence)
    {
        lock (_lock)
            return _positions.Of(typeIndex)?.Owed.NextAfter(afterSequence) ?? 0;
    }

    /// <summary>What is owed of some types at or below a sequence, ascending.</summary>
    public IReadOnlyList<(long Sequence, byte TypeIndex)> OwedThrough(EventTypeSet types, long sequence)
    {
        lock (_lock)
            return [.. _positions.Owed(types).TakeWhile(owed => owed.Sequence <= sequence)];
    }

    /// <summary>The oldest owed events, as many as there are beyond a number.</summary>
    public IReadOnlyList<(long Sequence, byte TypeIndex)> OwedBeyond(int most)
    {
        lock (_lock)
        {
            var excess = _positions.OwedCount - most;
            return excess <= 0 ? [] : [.. _positions.Owed(EventTypeSet.All).Take(excess)];
        }
    }

    /// <summary>Lets go of what is owed at or below a sequence: retention has removed it.</summary>
    /// <returns>How many events that were.</returns>
    public int Forget(long throughSequence)
    {
        var forgotten = 0;
        lock (_lock)
        {
            foreach (var (sequence, _) in _positions.Owed(EventTypeSet.All).TakeWhile(owed => owed.Sequence <= throughSequence).ToList())
            {
                forgotten += _positions.TrySettle(sequence) ? 1 : 0;
                _readerEnds.Forget(sequence);
            }

            _version += forgotten;
        }

        return forgotten;
    }

    /// <summary>Lets go of one event: it is in no log and no letter any more.</summary>
    public void LetGo(long sequence)
    {
        lock (_lock)
        {
            _readerEnds.Forget(sequence);
            if (_positions.TrySettle(sequence) | _letters.Remove(sequence))
                _version++;
        }
    }

    /// <summary>Takes note of events that retention removed before they were read.</summary>
    public void NoteGap(Gap gap)
    {
        lock (_lock)
        {
            _lastGap = gap;
            _version++;
        }
    }

    /// <summary>A connection ended with an owed event as its oldest unacked one; how many did so.</summary>
    public int CountReaderEnd(long sequence, ReaderEnd end)
    {
        lock (_lock)
        {
            _version++;
            return _readerEnds.Add(sequence, end);
        }
    }

    /// <summary>The connections that ended with an event as their oldest unacked one.</summary>
    public IReadOnlyList<ReaderEnd> ReaderEndsOf(long sequence)
    {
        lock (_lock)
            return _readerEnds.Of(sequence);
    }

    /// <summary>
    /// An event is a durable dead letter now, and owed no longer. Where an ack was faster, the letter is as good as acked.
    /// </summary>
    /// <param name="letter">The letter.</param>
    /// <param name="wasExpected">Whether the event was owed, or a dead letter already, when it was decided upon; a
    /// replay was not.</param>
    public void Bury(LetterEntry letter, bool wasExpected)
    {
        lock (_lock)
        {
            var isExpected = _positions.TrySettle(letter.Sequence) || _letters.Contains(letter.Sequence);
            _letters.Put(letter);
            _readerEnds.Forget(letter.Sequence);
            if (wasExpected && !isExpected)
                _letters.TryAck(letter.Sequence);
            _version++;
        }

        TellSettled(letter.Sequence);
    }

    /// <summary>Dead letters are delivered again: to the live connections whose filter matches, else to the next ones.</summary>
    public void Redeliver(IEnumerable<long> sequences)
    {
        lock (_lock)
        {
            foreach (var sequence in sequences)
            {
                if (_letters.Redeliver(sequence) is not { } letter)
                    continue;
                foreach (var connection in _connections)
                    connection.Enqueue(letter);
            }
        }
    }

    /// <summary>Dead letters were deleted.</summary>
    public void ForgetLetters(IEnumerable<long> sequences)
    {
        lock (_lock)
        {
            foreach (var sequence in sequences)
            {
                _readerEnds.Forget(sequence);
                _letters.Remove(sequence);
            }
        }
    }

    /// <summary>Asks the index of dead letters.</summary>
    public T ReadLetters<T>(Func<LetterIndex, T> read)
    {
        lock (_lock)
            return read(_letters);
    }

    /// <summary>Moves every type that it has read; it owes nothing there.</summary>
    public void MoveTo(long afterSequence)
    {
        lock (_lock)
        {
            foreach (var (sequence, _) in _positions.Owed(EventTypeSet.All).ToList())
                _readerEnds.Forget(sequence);
            _positions.MoveTo(afterSequence);
            _moves++;
            _version++;
        }
    }

    /// <summary>Brings a state back that is ahead of the log: an engine that forgets, or a file that was given up. With live
    /// connections it is not: what they were sent is in the log, whatever its end was when somebody looked.</summary>
    /// <returns>Whether it was.</returns>
    public bool ClampTo(long logEnd)
    {
        lock (_lock)
        {
            var isAhead = _connections.Length == 0 && _positions.ClampTo(logEnd);
            _version += isAhead ? 1 : 0;
            return isAhead;
        }
    }

    /// <summary>The state to save, and its version.</summary>
    public ConsumerState Snapshot()
    {
        lock (_lock)
        {
            return new ConsumerState(_positions.Snapshot(), _readerEnds.Snapshot(), _lastGap, _moves, _version);
        }
    }

    public void Dispose()
    {
        Settling.Dispose();
        Burying.Dispose();
    }

    /// <summary>Another connection may have the event out, too, and wait for room.</summary>
    private void TellSettled(long sequence)
    {
        foreach (var connection in _connections)
            connection.OnSettled(sequence);
    }

    private void Touch(EventTypeSet types, DateTimeOffset now)
    {
        _positions.Touch(types, now);

        _version++;
    }
}
