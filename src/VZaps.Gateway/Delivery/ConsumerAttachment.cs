using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>Settles where a connection starts, durably where it must be, before the client is answered. Thread-safe.</summary>
internal sealed class ConsumerAttachment(ConsumerDirectory consumers, ConsumerSaver saver, IEventLog log)
{
    private static readonly LogPageLimits Page = new(MaxEvents: 1_000, MaxBytes: 4 << 20);

    /// <summary>Where a connection of a consumer starts.</summary>
    /// <param name="key">The consumer.</param>
    /// <param name="types">The types that the connection's filter lets through.</param>
    /// <param name="cursor">The client's cursor as a sequence; null without one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Http.ProblemException">400: the instance has too many consumers.</exception>
    public async ValueTask<(Consumer Consumer, ConnectionStart Start)> AttachAsync(
        ConsumerKey key, EventTypeSet types, long? cursor, CancellationToken cancellationToken)
    {
        var consumer = await consumers.GetAsync(key, cancellationToken);
        if (cursor is { } sequence)
            await OweSkippedAsync(consumer, types, sequence, cancellationToken);
        var start = consumer.Attach(types, cursor, log.GetRange(key.Instance).LastSequence, out var isNewType);
        if (isNewType)
            await saver.SaveNowAsync(cancellationToken);
        return (consumer, start);
    }

    /// <summary>A connection of <c>ephemeral</c>: from the cursor or the log's end, and nothing is kept.</summary>
    public ConnectionStart StartEphemeral(InstanceId instance, EventTypeSet types, long? cursor)
    {
        var after = new long[EventTypeSet.TypeCount];
        Array.Fill(after, cursor ?? log.GetRange(instance).LastSequence);
        return new ConnectionStart(types, after, consumer: null, withOwed: false);
    }

    /// <summary>
    /// A cursor ahead of the head passes over events that this consumer was never sent, or was sent in the last second
    /// before a crash. Nothing says that they were handled, so they are owed, like any other that was not acked.
    /// </summary>
    private async Task OweSkippedAsync(Consumer consumer, EventTypeSet types, long cursor, CancellationToken cancellationToken)
    {
        foreach (var index in types.Indexes())
        {
            var after = consumer.HeadOf(index);
            while (after < cursor)
            {
                var page = await log.ReadAsync(consumer.Key.Instance, after, EventTypeSet.Of(EventType.Known[index]), Page, cancellationToken);
                foreach (var envelope in page.Envelopes.TakeWhile(envelope => envelope.Position.Sequence <= cursor))
                    consumer.MarkSent(envelope.Position.Sequence, envelope.TypeIndex);
                after = page.ReachedEnd ? cursor : page.ReadThrough;
            }
        }
    }
}
