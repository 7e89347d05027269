namespace VZaps.Gateway.Log;

/// <summary>
/// The durable log of every instance: the one storage seam of the path of an event. Engines implement it and
/// nothing else knows them. Thread-safe.
/// </summary>
/// <remarks>
/// An engine tells its <see cref="ICommitListener"/> of each commit after it is durable and in log order for each
/// instance. Positions of one instance have the sequences 1, 2, 3 … without holes and append times that never
/// decrease, across restarts and trims too: a sequence is never given out twice.
/// </remarks>
internal interface IEventLog : IAsyncDisposable
{
    /// <summary>Why nothing can be appended now, in words for an operator; null while appends are taken. Where it is for want of room,
    /// each append tries again, and the first that finds room makes it null.</summary>
    string? Unwritable { get; }

    /// <summary>Bytes that the log takes on its storage.</summary>
    long Bytes { get; }

    /// <summary>How often a read met damage since the log was opened.</summary>
    long DamagedReads { get; }

    /// <summary>Appends a batch to one instance's log, whole or not at all; completes when the batch is durable.</summary>
    /// <param name="instance">The instance whose log it is.</param>
    /// <param name="drafts">1 to 1,000 events, 8 MiB together. The engine fills in the ids: do not touch the drafts again.</param>
    /// <param name="cancellationToken">Ends the wait, not a commit that has begun. Without one nobody waits for a place where too many
    /// wait already: that is refused.</param>
    /// <exception cref="EventLogUnavailableException">It is not known whether the batch was kept, or the log cannot be
    /// written: try again with the same idempotency keys.</exception>
    /// <exception cref="EventLogFullException">There is no room; nothing was kept.</exception>
    ValueTask<AppendResult> AppendAsync(InstanceId instance, IReadOnlyList<EventDraft> drafts, CancellationToken cancellationToken);

    /// <summary>Reads the durable events behind a sequence, in log order.</summary>
    /// <param name="instance">The instance whose log it is; one without events reads as empty.</param>
    /// <param name="afterSequence">0 for the beginning. Behind what is retained, reading starts at the oldest retained event.</param>
    /// <param name="types">The types to return; the others are passed over without being read.</param>
    /// <param name="limits">How much to return at most; at least one event is returned if there is one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EventLogDamagedException">The first event of the page is damaged; a page ends before one that is.</exception>
    /// <exception cref="IOException">The storage could not be read.</exception>
    ValueTask<LogPage> ReadAsync(
        InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken);

    /// <summary>What is retained of an instance's log now.</summary>
    LogRange GetRange(InstanceId instance);

    /// <summary>The sequence of the newest event that was appended before a time; 0 where there is none. Events that
    /// are no longer retained count as one: the last sequence before the retained ones.</summary>
    long FindSequenceBefore(InstanceId instance, DateTimeOffset time);

    /// <summary>How many retained events of some types follow a sequence. No event is read for it; parts of the index may be.</summary>
    /// <exception cref="IOException">The index could not be read.</exception>
    long Count(InstanceId instance, EventTypeSet types, long afterSequence);

    /// <summary>The position of the first retained event of some types behind a sequence; null where there is none.
    /// No event is read for it; parts of the index may be.</summary>
    /// <exception cref="IOException">The index could not be read.</exception>
    EventPosition? FindNext(InstanceId instance, EventTypeSet types, long afterSequence);

    /// <summary>Removes what retention no longer allows; engines do so by themselves, too.</summary>
    ValueTask TrimAsync(CancellationToken cancellationToken);
}

/// <summary>Told of events once they are durable; must return at once and never throw.</summary>
internal interface ICommitListener
{
    /// <summary>Events of one instance became durable.</summary>
    /// <param name="instance">Their instance.</param>
    /// <param name="envelopes">In log order, following without a hole what the last call for this instance brought.
    /// The span is good during the call; the envelopes' bytes stay.</param>
    void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes);
}
