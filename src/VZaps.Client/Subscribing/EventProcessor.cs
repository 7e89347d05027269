using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// One event through its handlers: acked when all that match have finished without throwing, called again as the policy has it when one threw, and given back after that.
/// Whoever calls it decides how many run at a time.
/// </summary>
internal sealed partial class EventProcessor(
    HandlerAttempts attempts, FailureReports reports, Settlement settlement, SubscriptionNames names, NoticeLoop notices, ILogger logger)
{
    /// <summary>Types without a handler that are warned of: a server could invent names for ever.</summary>
    private const int MaxWarnedTypes = 64;

    private readonly ConcurrentDictionary<EventType, bool> _warned = new();

    /// <summary>Never throws: a fault in one event's way must not end the dispatching of the others.</summary>
    public async ValueTask ProcessAsync(WaitingEvent taken, CancellationToken cancellationToken)
    {
        var received = taken.Event;
        settlement.Begin(received);
        try
        {
            await HandleAsync(received, taken.Received, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // Handled or not, it was not acked: it comes again.
            settlement.Doubt(received);
            notices.Error(new VZapsException($"Event {received.Id} could not be dispatched, by a fault outside of its handlers: {fault.Message}", fault));
        }
        finally
        {
            settlement.End(received);
        }
    }

    private async ValueTask HandleAsync(VZapsEvent received, Activity? receiving, CancellationToken cancellationToken)
    {
        var span = ClientTelemetry.StartProcessing(received, names, receiving?.Context ?? default);
        try
        {
            var (called, failed) = await attempts.RunAsync(received, cancellationToken).ConfigureAwait(false);
            if (called == 0)
                WarnOfType(received.Type);
            if (failed is not null)
            {
                span.Fail(failed[0].Thrown);
                ClientTelemetry.Failed.Add(1);
                await GiveBackAsync(received, failed, cancellationToken).ConfigureAwait(false);
                return;
            }

            ClientTelemetry.Handled.Add(1);
            reports.Forget(received);
            await settlement.AckAsync(received).ConfigureAwait(false);
        }
        finally
        {
            span.Dispose();
        }
    }

    private Task GiveBackAsync(VZapsEvent received, List<FailedHandler> failed, CancellationToken cancellationToken)
    {
        reports.Report(received, failed);
        if (cancellationToken.IsCancellationRequested)
        {
            // Cancelled by the close: the event is not to blame, and is owed to whoever connects next.
            settlement.Leave(received);
            return Task.CompletedTask;
        }

        // One handler that wants another try wins over one that rejects, which can reject again.
        if (!failed.TrueForAll(one => one.IsRejection))
            return settlement.RetryAsync(received);
        reports.Forget(received);
        return settlement.RejectAsync(received, failed[0].Thrown.Message);
    }

    private void WarnOfType(EventType type)
    {
        if (_warned.Count < MaxWarnedTypes && _warned.TryAdd(type, true))
            LogNoHandler(logger, type);
    }

    [LoggerMessage(1202, LogLevel.Warning, "No handler takes {EventType}: such events are acked unhandled. Register one, or leave the type out of Events.")]
    private static partial void LogNoHandler(ILogger logger, EventType eventType);
}
