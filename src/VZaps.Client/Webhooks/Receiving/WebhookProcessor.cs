using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VZaps.Client.Subscribing;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Webhooks;

/// <summary>One verified event through its handlers. Where a subscription acks, nacks or rejects, this says what to answer.</summary>
internal sealed partial class WebhookProcessor(HandlerTable handlers, WebhookReceiverOptions options, ILogger logger)
{
    /// <summary>Types without a handler that are warned of: a server could invent names for ever.</summary>
    private const int MaxWarnedTypes = 64;

    private static readonly TimeSpan RefusalInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<EventType, bool> _warned = new();
    private readonly Dictionary<WebhookMistake, long> _told = [];
    private readonly ProcessedEvents _processed = new(options.ProcessedEvents, logger);

    /// <summary>A post was refused: anybody can send one, so the log is told of each kind of mistake once a minute.</summary>
    public void Refuse(WebhookVerificationException wrong)
    {
        lock (_told)
        {
            var now = options.TimeProvider.GetTimestamp();
            if (_told.TryGetValue(wrong.Mistake, out var last) && options.TimeProvider.GetElapsedTime(last, now) < RefusalInterval)
                return;
            _told[wrong.Mistake] = now;
        }

        LogRefused(logger, wrong.Message);
    }

    /// <summary>Throws only what is no handler's: what a sink of the log or a listener of our telemetry threw.</summary>
    public async Task<WebhookResult> ProcessAsync(VZapsEvent received)
    {
        ClientTelemetry.Received.Add(1);
        var span = ClientTelemetry.StartProcessing(received, new SubscriptionNames(received.InstanceId, () => options.Consumer, Server: null), Activity.Current?.Context ?? default);
        try
        {
            var context = new EventContext(received, options.Consumer, options.Stopping);
            var round = new HandlerRound(handlers.All);
            var (called, failed) = _processed.IsOn
                ? await _processed.HandleOnceAsync(context, round, options.Stopping).ConfigureAwait(false)
                : await round.CallAsync(received, context, only: null, options.Stopping).ConfigureAwait(false);
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

    [LoggerMessage(1504, LogLevel.Warning, "A post to the webhook was refused: {Reason} More of the same within a minute are not logged.")]
    private static partial void LogRefused(ILogger logger, string reason);
}
