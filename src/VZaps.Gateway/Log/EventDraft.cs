namespace VZaps.Gateway.Log;

/// <summary>An event that is ready to be appended: all of its final bytes but the id.</summary>
/// <param name="Type">One of the nine types.</param>
/// <param name="Utf8">An envelope made by <see cref="EnvelopeWriter"/>; the log fills in its id and keeps the memory.</param>
/// <param name="IdempotencyKey">1 to 256 bytes of UTF-8, or empty for none.</param>
internal readonly record struct EventDraft(EventType Type, Memory<byte> Utf8, ReadOnlyMemory<byte> IdempotencyKey);

/// <summary>What became of a batch.</summary>
/// <param name="Positions">One for each draft, in their order; for a duplicate the first event's.</param>
/// <param name="Duplicates">The indexes of the drafts whose key was there already (or earlier in the same batch),
/// ascending; they were not stored again.</param>
internal readonly record struct AppendResult(IReadOnlyList<EventPosition> Positions, IReadOnlyList<int> Duplicates);

/// <summary>How much one read returns at most.</summary>
/// <param name="MaxEvents">Events, 1 and up.</param>
/// <param name="MaxBytes">Bytes of envelopes, 1 and up; one event is returned even where it is larger.</param>
internal readonly record struct LogPageLimits(int MaxEvents, int MaxBytes);

/// <summary>A page of an instance's log.</summary>
/// <param name="Envelopes">In log order.</param>
/// <param name="ReadThrough">Up to this sequence everything was returned or was of another type; read on after it.
/// At least the <c>afterSequence</c> that was asked for.</param>
/// <param name="ReadAfter">Behind which sequence the read began: later than asked for where retention had removed some.</param>
/// <param name="ReachedEnd">Whether this was the end of the log at the time of the read.</param>
internal readonly record struct LogPage(IReadOnlyList<Envelope> Envelopes, long ReadAfter, long ReadThrough, bool ReachedEnd)
{
    /// <summary>The buffers in which the envelopes stand, where they can be used again. Who is done with the envelopes may return
    /// them; nobody has to.</summary>
    public PageMemory? Memory { get; init; }
}

/// <summary>What is retained of one instance's log.</summary>
/// <param name="FirstSequence">The oldest retained event's; <see cref="LastSequence"/> + 1 where none is retained.</param>
/// <param name="LastSequence">The newest event's that was ever appended; 0 where there was none.</param>
internal readonly record struct LogRange(long FirstSequence, long LastSequence);

/// <summary>The log cannot be written, or it is not known whether a batch was kept.</summary>
internal sealed class EventLogUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);

/// <summary>There is no room for more events; nothing of the batch was kept.</summary>
internal sealed class EventLogFullException(string message, Exception? innerException = null)
    : Exception(message, innerException);

/// <summary>The log's files are damaged, or of a version that this gateway does not know.</summary>
internal sealed class EventLogCorruptException(string message) : Exception(message);

/// <summary>A record, or a part of the index, is not sound, and nothing else says what stood there. Other parts of the log can be read.</summary>
/// <param name="file">The file's name.</param>
/// <param name="offset">The byte in it.</param>
/// <param name="what">What is not sound.</param>
internal sealed class EventLogDamagedException(string file, long offset, string what)
    : IOException($"The log is damaged: {file} at byte {offset}: {what}. See 'When a read finds damage' in docs/operations.md.")
{
    public string File => file;

    public long Offset => offset;

    public string What => what;
}
