using Microsoft.Extensions.Logging;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>The user's store of processed events around the handlers: begin, call all of them, commit; nothing is called for what was processed.</summary>
internal sealed partial class ProcessedEvents(IProcessedEventStore? store, ILogger logger)
{
    /// <summary>What stands for the store among the handlers that failed.</summary>
    private static readonly HandlerTable.Registration Itself = new(EventType.All, OfEvent: null, OfContext: null);

    public bool IsOn => store is not null;

    /// <summary>Begins to process an event, where the store is on. Where it does not come to that, the context has ended, with what the store shared in it.</summary>
    /// <returns>False where it was processed before.</returns>
    public async ValueTask<bool> TryBeginAsync(EventContext context)
    {
        try
        {
            context.Transaction = await store!.BeginAsync(context).ConfigureAwait(false);
        }
        catch
        {
            await EndAsync(context).ConfigureAwait(false);
            throw;
        }

        if (context.Transaction is not null)
            return true;
        await EndAsync(context).ConfigureAwait(false);
        ClientTelemetry.Dropped.Add(1);
        LogProcessed(logger, context.Event.Id);
        return false;
    }

    /// <summary>One attempt inside one transaction, by all handlers, as what an earlier attempt did was undone.</summary>
    /// <returns>How many were called, null where it did not come to that; and who failed, null where it is processed now, or was before.</returns>
    public async ValueTask<(int? Called, List<FailedHandler>? Failed)> HandleOnceAsync(EventContext context, HandlerRound round, CancellationToken cancellationToken)
    {
        try
        {
            if (!await TryBeginAsync(context).ConfigureAwait(false))
                return (null, null);
            var transaction = context.Transaction!;
            await using (transaction.ConfigureAwait(false))
            {
                var (called, failed) = await round.CallAsync(context.Event, context, only: null, cancellationToken).ConfigureAwait(false);
                if (failed is null)
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return (called, failed);
            }
        }
        catch (Exception thrown)
        {
            // The user's store, or its database: as a handler that throws.
            return (null, [new FailedHandler(Itself, thrown)]);
        }
    }

    /// <summary>What a store shares beside a transaction that there is none of: no handler has written by it, so its fault changes nothing.</summary>
    private async ValueTask EndAsync(EventContext context)
    {
        if (await context.EndAsync().ConfigureAwait(false) is { } fault)
            LogNotEnded(logger, fault, context.Event.Id);
    }

    /// <summary>The store threw outside of handlers: the event is given back.</summary>
    public void Report(VZapsEvent received, Exception thrown) => LogThrown(logger, thrown, received.Id);

    [LoggerMessage(1206, LogLevel.Error, "The store of processed events threw for {EventId}; the event is not acked and comes again.")]
    private static partial void LogThrown(ILogger logger, Exception thrown, string eventId);

    [LoggerMessage(1207, LogLevel.Error, "What the store of processed events shared for {EventId} threw as it was disposed; no handler had it.")]
    private static partial void LogNotEnded(ILogger logger, Exception thrown, string eventId);

    [LoggerMessage(1205, LogLevel.Debug, "{EventId} was processed before; it is acked, and no handler is called.")]
    private static partial void LogProcessed(ILogger logger, string eventId);
}
