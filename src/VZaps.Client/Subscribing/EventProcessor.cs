using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// One event through its handlers: acked when all that match have finished without throwing; else it is left unacked, and
/// the server is told, where it takes that, to send it again later or to give it up. Whoever calls it decides how many run at a time.
/// </summary>
internal sealed partial class EventProcessor(
    object owner, HandlerTable handlers, HandledMark mark, AckOutbox acks, FailedEvents failures, HandlersAtWork atWork, NoticeLoop notices, ILogger logger)
{
    /// <summary>Types without a handler that are warned of: a server could invent names for ever.</summary>
    private const int MaxWarnedTypes = 64;

    private readonly ConcurrentDictionary<EventType, bool> _warned = new();

    /// <summary>Never throws: what the user's log or a listener of our telemetry throws must not end the dispatching.</summary>
    public async Task ProcessAsync(VZapsEvent received, CancellationToken cancellationToken)
    {
        try
        {
            await HandleAsync(received, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // Handled or not, it was not acked: it comes again.
            mark.TryFail(received.Id);
            notices.Error(new VZapsException($"Event {received.Id} could not be dispatched, by a fault outside of its handlers: {fault.Message}", fault));
        }
    }

    private async Task HandleAsync(VZapsEvent received, CancellationToken cancellationToken)
    {
        using var activity = ClientTelemetry.StartProcessing(received);
        var (called, thrown) = await CallHandlersAsync(received, cancellationToken).ConfigureAwait(false);
        if (thrown.Count > 0)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            ClientTelemetry.Failed.Add(1);
            await GiveBackAsync(received, thrown, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (called == 0)
            WarnOfType(received.Type);
        ClientTelemetry.Handled.Add(1);
        mark.Handled(received.Id);
        await acks.AckAsync(received.Id).ConfigureAwait(false);
    }

    private async Task<(int Called, IReadOnlyList<Exception> Thrown)> CallHandlersAsync(VZapsEvent received, CancellationToken cancellationToken)
    {
        var (called, thrown) = (0, new List<Exception>());
        atWork.Begin(received.Id);
        try
        {
            foreach (var handler in handlers.Matching(received.Type))
            {
                called++;
                // All of them get it, also after one has thrown: a log's handler does not depend on its neighbour.
                if (await TryHandleAsync(handler, received, cancellationToken).ConfigureAwait(false) is { } exception)
                    thrown.Add(exception);
            }
        }
        finally
        {
            atWork.End(received.Id);
        }

        return (called, thrown);
    }

    private async Task GiveBackAsync(VZapsEvent received, IReadOnlyList<Exception> thrown, CancellationToken cancellationToken)
    {
        // First the mark: what comes again from here on is to be handled. A dead letter that is redelivered is, too.
        mark.Failed(received.Id);
        // Cancelled by the close: the event is not to blame, and is owed to whoever connects next.
        if (cancellationToken.IsCancellationRequested)
            return;
        // One handler that wants another try wins over one that rejects, which can reject again.
        if (thrown.All(exception => exception is RejectEventException))
            await failures.RejectAsync(received, thrown[0].Message).ConfigureAwait(false);
        else
            await failures.RetryAsync(received).ConfigureAwait(false);
    }

    private async Task<Exception?> TryHandleAsync(Func<VZapsEvent, CancellationToken, Task> handler, VZapsEvent received, CancellationToken cancellationToken)
    {
        try
        {
            await HandlerScope.RunAsync(owner, () => handler(received, cancellationToken)).ConfigureAwait(false);
            return null;
        }
        catch (Exception thrown)
        {
            // Whatever it is, the next event has nothing to do with it.
            if (thrown is RejectEventException)
                LogRejected(logger, received.Type, received.Id, thrown.Message);
            else
                LogFailed(logger, thrown, received.Type, received.Id);
            notices.Error(new VZapsHandlerException(received, thrown));
            return thrown;
        }
    }

    private void WarnOfType(EventType type)
    {
        if (_warned.Count < MaxWarnedTypes && _warned.TryAdd(type, true))
            LogNoHandler(logger, type);
    }

    [LoggerMessage(1201, LogLevel.Error, "The handler of {EventType} {EventId} threw; the event is not acked and comes again.")]
    private static partial void LogFailed(ILogger logger, Exception thrown, EventType eventType, string eventId);

    [LoggerMessage(1203, LogLevel.Warning, "The handler rejected {EventType} {EventId}: {Reason}. It goes to the dead letters, where the server takes that.")]
    private static partial void LogRejected(ILogger logger, EventType eventType, string eventId, string reason);

    [LoggerMessage(1202, LogLevel.Warning, "No handler takes {EventType}: such events are acked unhandled. Register one, or leave the type out of Events.")]
    private static partial void LogNoHandler(ILogger logger, EventType eventType);
}
