using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VZaps.Client.Telemetry;

/// <summary>The SDK's activity source and meter, both named <c>VZaps.Client</c>. No tag of an instrument holds an id.</summary>
internal static class ClientTelemetry
{
    public const string Name = "VZaps.Client";

    public static ActivitySource Activities { get; } = new(Name);

    private static readonly Meter Meter = new(Name);

    public static SafeCounter Received { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.received", "{event}", "Events received, redeliveries included."));

    public static SafeCounter Handled { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.handled", "{event}", "Events that all their handlers finished."));

    public static SafeCounter Failed { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.failed", "{event}", "Events of which a handler threw."));

    public static SafeCounter Dropped { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.dropped", "{event}", "Redeliveries of events in hand or already handled."));

    public static SafeCounter Acked { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.acked", "{event}", "Acks sent, repeated ones included."));

    public static SafeCounter Redelivered { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.redelivered", "{event}", "Events received that the server marked as delivered before (extension)."));

    public static SafeCounter Nacked { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.nacked", "{event}", "Nacks sent: failed events that come again after a delay (extension)."));

    public static SafeCounter Rejected { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.rejected", "{event}", "Rejections sent: events that go to the dead letters (extension)."));

    public static SafeCounter Working { get; } = new(Meter.CreateCounter<long>("vzaps.client.events.working", "{message}", "Times that the server was told that a handler is still working (extension)."));

    public static SafeCounter Gaps { get; } = new(Meter.CreateCounter<long>("vzaps.client.gaps", "{gap}", "Gaps that the server reported (extension)."));

    public static SafeCounter GoAways { get; } = new(Meter.CreateCounter<long>("vzaps.client.goaways", "{message}", "Connections that the server asked to leave (extension)."));

    public static SafeCounter Reconnects { get; } = new(Meter.CreateCounter<long>("vzaps.client.reconnects", "{attempt}", "Tries to connect after a failure or a goaway."));

    public static SafeCounter SkippedCallbacks { get; } = new(Meter.CreateCounter<long>("vzaps.client.callbacks.skipped", "{call}", "Calls of callbacks that were skipped, as an earlier call had not returned."));

    public static SafeCounter MediaDownloads { get; } = new(Meter.CreateCounter<long>("vzaps.client.media.downloads", "{file}", "Files that were opened or downloaded, by how that ended."));

    public static SafeCounter MediaBytes { get; } = new(Meter.CreateCounter<long>("vzaps.client.media.bytes", "By", "Bytes of files that were received, those that were no use included."));

    public static SafeHistogram ProcessDuration { get; } = new(Meter.CreateHistogram<double>("messaging.process.duration", "s", "How long the handlers of an event took, with their retries."));

    /// <summary>The span of one received message, with one event or many. Null where nobody listens.</summary>
    public static Activity? StartReceiving(SubscriptionNames names)
    {
        if (!Activities.HasListeners())
            return null;
        var activity = SafeSpan.Start(Activities, MessagingTags.Receive, ActivityKind.Client);
        Describe(activity, MessagingTags.Receive, names);
        return activity;
    }

    /// <summary>The span of one event's handlers: in the trace in which the event was published, if it says which, with a link to how it was received.</summary>
    /// <param name="received">The event.</param>
    /// <param name="names">Whose it is.</param>
    /// <param name="receiving">The span of the message that brought it.</param>
    public static ProcessSpan StartProcessing(VZapsEvent received, SubscriptionNames names, ActivityContext receiving)
    {
        var startedAt = ProcessDuration.Enabled ? Stopwatch.GetTimestamp() : 0;
        if (!Activities.HasListeners())
            return new ProcessSpan(null, startedAt, received.Type);
        var published = TraceContextOfEvent.Read(received);
        var activity = SafeSpan.Start(
            Activities, $"process {received.Type}", ActivityKind.Consumer, published != default ? published : receiving, published != default && receiving != default ? [new ActivityLink(receiving)] : null);
        Describe(activity, MessagingTags.Process, names);
        activity?.SetTag(MessagingTags.MessageId, received.Id);
        activity?.SetTag(MessagingTags.EventType, received.Type.Name);
        if (received.DeliveryCount > 1)
            activity?.SetTag(MessagingTags.DeliveryCount, received.DeliveryCount);
        return new ProcessSpan(activity, startedAt, received.Type);
    }

    private static void Describe(Activity? activity, string operation, SubscriptionNames names)
    {
        activity?.SetTag(MessagingTags.System, MessagingTags.SystemName);
        activity?.SetTag(MessagingTags.OperationType, operation);
        activity?.SetTag(MessagingTags.OperationName, operation);
        activity?.SetTag(MessagingTags.Destination, names.InstanceId);
        activity?.SetTag(MessagingTags.ConsumerGroup, names.Consumer());
        if (names.Server is not { } server)
            return;
        activity?.SetTag(MessagingTags.ServerAddress, server.Host);
        activity?.SetTag(MessagingTags.ServerPort, server.Port);
    }
}

/// <summary>Whose events they are, for spans and contexts.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Consumer">The consumer, as far as it is known by now.</param>
/// <param name="Server">Where they come from; null where they are posted to us by whoever has the secret.</param>
internal sealed record SubscriptionNames(string InstanceId, Func<string> Consumer, Uri? Server);
