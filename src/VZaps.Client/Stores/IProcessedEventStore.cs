namespace VZaps;

/// <summary>
/// Remembers which events were processed, so that one that comes again does not reach the handlers a second time. Where it shares a database transaction with what the handlers
/// change, effects happen exactly once.
/// </summary>
/// <remarks>
/// <para>The SDK begins before the handlers, commits after all of them have finished without throwing, and only then acks. Whatever happens between the commit and the ack, the event
/// comes again and is found processed. When a handler throws, the transaction is disposed without a commit; the next attempt begins another, and calls all
/// handlers again.</para>
/// <para>Implementations are thread-safe. Keys are event and consumer: another consumer of the same instance has to process the event, too. When two of
/// the same key are begun at a time, the second must wait for the first or fail, as with a unique key in a database.</para>
/// <para>What throws here is treated as a handler that throws: the event comes again.</para>
/// </remarks>
public interface IProcessedEventStore
{
    /// <summary>Begins to process an event.</summary>
    /// <param name="context">The event, its consumer, and the token that the close cancels.</param>
    /// <returns>
    /// The transaction, which handlers find in <see cref="EventContext.Transaction"/>; null where the event was processed before: it is acked, and no handler is called.
    /// </returns>
    ValueTask<IProcessedEventTransaction?> BeginAsync(EventContext context);
}

/// <summary>An event that is being processed.</summary>
/// <remarks>It is committed at most once and disposed in any case; without a commit that must undo it.</remarks>
public interface IProcessedEventTransaction : IAsyncDisposable
{
    /// <summary>The event is processed: this is durable, with everything else that is in the transaction, when it completes.</summary>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}
