using Microsoft.Extensions.Logging;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>The user's store of processed events around the handlers: begin, call all of them, commit; nothing is called for what was processed.</summary>
internal sealed partial class ProcessedEvents(IProcessedEventStore? store, ILogger logger)
{
    /// <summary>What stands for the store among the handlers that failed.</summary>
    private static readonly HandlerTable.Registration Itself = new(EventType.All, OfEvent: null, OfContext: null);

    public bool IsOn => store is not null;

    /// <summary>Begins to process an event, where the store is on.</summary>
    /// <returns>False where it was processed before.</returns>
    public async ValueTask<bool> TryBeginAsync(EventContext context)
    {
        context.Transaction = await store!.BeginAsync(context).ConfigureAwait(false);
        if (context.Transaction is not null)
            return true;
        ClientTelemetry.Dropped.Add(1);
        LogProcessed(logger, context.Event.Id);
        return false;
    }

    /// <summary>One attempt inside one transaction, by all handlers, as what an earlier attempt did was undone.</summary>
    /// <returns>Who failed; null where it is processed now, or was before.</returns>
    public async ValueTask<List<FailedHandler>?> HandleOnceAsync(EventContext context, HandlerRound round, CancellationToken cancellationToken)
    {
        try
        {
            if (!await TryBeginAsync(context).ConfigureAwait(false))
                return null;
            var transaction = context.Transaction!;
            await using (transaction.ConfigureAwait(false))
            {
                var (_, failed) = await round.CallAsync(context.Event, context, only: null, cancellationToken).ConfigureAwait(false);
                if (failed is null)
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return failed;
            }
        }
        catch (Exception thrown)
        {
            // The user's store, or its database: as a handler that throws.
            return [new FailedHandler(Itself, thrown)];
        }
    }

    /// <summary>The store threw outside of handlers: the event is given back.</summary>
    public void Report(VZapsEvent received, Exception thrown) => LogThrown(logger, thrown, received.Id);

    [LoggerMessage(1206, LogLevel.Error, "The store of processed events threw for {EventId}; the event is not acked and comes again.")]
    private static partial void LogThrown(ILogger logger, Exception thrown, string eventId);

    [LoggerMessage(1205, LogLevel.Debug, "{EventId} was processed before; it is acked, and no handler is called.")]
    private static partial void LogProcessed(ILogger logger, string eventId);
}
