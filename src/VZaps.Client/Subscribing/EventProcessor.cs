using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// One event through its handlers: acked when all that match have finished without throwing, else left unacked. Whoever
/// calls it decides how many run at a time.
/// </summary>
internal sealed partial class EventProcessor(object owner, HandlerTable handlers, HandledMark mark, AckOutbox acks, NoticeLoop notices, ILogger logger)
{
    /// <summary>Types without a handler that are warned of: a server could invent names for ever.</summary>
    private const int MaxWarnedTypes = 64;

    private readonly ConcurrentDictionary<EventType, bool> _warned = new();

    /// <summary>Never throws.</summary>
    public async Task ProcessAsync(VZapsEvent received, CancellationToken cancellationToken)
    {
        using var activity = ClientTelemetry.StartProcessing(received);
        var (called, failed) = (0, 0);
        foreach (var handler in handlers.Matching(received.Type))
        {
            called++;
            // All of them get it, also after one has thrown: a log's handler does not depend on its neighbour.
            if (!await TryHandleAsync(handler, received, cancellationToken).ConfigureAwait(false))
                failed++;
        }

        if (failed > 0)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            ClientTelemetry.Failed.Add(1);
            mark.Failed(received.Id);
            return;
        }

        if (called == 0)
            WarnOfType(received.Type);
        ClientTelemetry.Handled.Add(1);
        mark.Handled(received.Id);
        await acks.AckAsync(received.Id).ConfigureAwait(false);
    }

    private async Task<bool> TryHandleAsync(Func<VZapsEvent, CancellationToken, Task> handler, VZapsEvent received, CancellationToken cancellationToken)
    {
        try
        {
            await HandlerScope.RunAsync(owner, () => handler(received, cancellationToken)).ConfigureAwait(false);
            return true;
        }
        catch (Exception thrown)
        {
            // Whatever it is, the next event has nothing to do with it.
            LogFailed(logger, thrown, received.Type, received.Id);
            notices.Error(new VZapsHandlerException(received, thrown));
            return false;
        }
    }

    private void WarnOfType(EventType type)
    {
        if (_warned.Count < MaxWarnedTypes && _warned.TryAdd(type, true))
            LogNoHandler(logger, type);
    }

    [LoggerMessage(1201, LogLevel.Error, "The handler of {EventType} {EventId} threw; the event is not acked and comes again.")]
    private static partial void LogFailed(ILogger logger, Exception thrown, EventType eventType, string eventId);

    [LoggerMessage(1202, LogLevel.Warning, "No handler takes {EventType}: such events are acked unhandled. Register one, or leave the type out of Events.")]
    private static partial void LogNoHandler(ILogger logger, EventType eventType);
}
