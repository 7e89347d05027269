using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VZaps.Client.Subscribing;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Webhooks;

/// <summary>One verified event through its handlers. Where a subscription acks, nacks or rejects, this says what to answer.</summary>
internal sealed partial class WebhookProcessor(HandlerAttempts attempts, WebhookReceiverOptions options, ILogger logger, CancellationToken stopping)
{
    /// <summary>Types without a handler that are warned of: a server could invent names for ever.</summary>
    private const int MaxWarnedTypes = 64;

    private readonly ConcurrentDictionary<EventType, bool> _warned = new();

    /// <summary>Throws only what is no handler's: what a sink of the log or a listener of our telemetry threw.</summary>
    public async Task<WebhookResult> ProcessAsync(VZapsEvent received)
    {
        ClientTelemetry.Received.Add(1);
        var span = ClientTelemetry.StartProcessing(received, new SubscriptionNames(received.InstanceId, () => options.Consumer, Server: null), Activity.Current?.Context ?? default);
        try
        {
            var (called, failed) = await attempts.RunAsync(received, stopping).ConfigureAwait(false);
            if (failed is not null)
            {
                span.Fail(failed[0].Thrown);
                return Failed(received, failed);
            }

            if (called is null)
                return new WebhookResult(WebhookOutcome.Duplicate, null) { Event = received };
            ClientTelemetry.Handled.Add(1);
            if (called == 0)
                WarnOfType(received.Type);
            return new WebhookResult(called > 0 ? WebhookOutcome.Handled : WebhookOutcome.Unhandled, null) { Event = received };
        }
        finally
        {
            span.Dispose();
        }
    }

    /// <summary>Warns of handlers that take too long. Nobody cuts them off: what they do may be half done.</summary>
    public async Task WatchAsync(VZapsEvent received, Task ended)
    {
        if (options.MaxHandlerTime == TimeSpan.Zero)
            return;
        try
        {
            await ended.WaitAsync(options.MaxHandlerTime, options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogTooLong(logger, received.Type, received.Id, options.MaxHandlerTime);
        }
    }

    private WebhookResult Failed(VZapsEvent received, List<FailedHandler> failed)
    {
        // One handler that wants another try wins over one that rejects, which can reject again.
        var wanting = failed.FindIndex(one => !one.IsRejection);
        if (wanting >= 0)
        {
            ClientTelemetry.Failed.Add(1);
            return Failed(received, failed[wanting].Thrown);
        }

        var reason = failed[0].Thrown.Message;
        LogRejected(logger, received.Type, received.Id, reason);
        return new WebhookResult(WebhookOutcome.Rejected, reason) { Event = received };
    }

    private WebhookResult Failed(VZapsEvent received, Exception thrown)
    {
        LogFailed(logger, thrown, received.Type, received.Id, received.DeliveryCount);
        return new WebhookResult(WebhookOutcome.Failed, "A handler threw; the receiver's log says what.") { Event = received };
    }

    private void WarnOfType(EventType type)
    {
        if (_warned.Count < MaxWarnedTypes && _warned.TryAdd(type, true))
            LogNoHandler(logger, type);
    }

    [LoggerMessage(1501, LogLevel.Error, "The handler of {EventType} {EventId} threw in attempt {Attempt}; it is answered with 500, and the gateway posts it again.")]
    private static partial void LogFailed(ILogger logger, Exception thrown, EventType eventType, string eventId, int attempt);

    [LoggerMessage(1502, LogLevel.Warning, "The handler rejected {EventType} {EventId}: {Reason}. It does not come again; the delivery's log has the reason, and can be retried.")]
    private static partial void LogRejected(ILogger logger, EventType eventType, string eventId, string reason);

    [LoggerMessage(1503, LogLevel.Warning, "No handler takes {EventType}: such posts are answered as handled. Register one, or leave the type out of the endpoint's events.")]
    private static partial void LogNoHandler(ILogger logger, EventType eventType);

    [LoggerMessage(1505, LogLevel.Warning, "The handlers of {EventType} {EventId} have run for longer than {MaxHandlerTime} (MaxHandlerTime), and run on. The gateway waits for 15 s: hand long work to a queue.")]
    private static partial void LogTooLong(ILogger logger, EventType eventType, string eventId, TimeSpan maxHandlerTime);
}
