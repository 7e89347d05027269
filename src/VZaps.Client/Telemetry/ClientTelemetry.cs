using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VZaps.Client.Telemetry;

/// <summary>The SDK's activity source and meter, both named <c>VZaps.Client</c>. No tag holds an id.</summary>
internal static class ClientTelemetry
{
    public const string Name = "VZaps.Client";

    public static ActivitySource Activities { get; } = new(Name);

    private static readonly Meter Meter = new(Name);

    public static Counter<long> Received { get; } = Meter.CreateCounter<long>("vzaps.client.events.received", "{event}", "Events received, redeliveries included.");

    public static Counter<long> Handled { get; } = Meter.CreateCounter<long>("vzaps.client.events.handled", "{event}", "Events that all their handlers finished.");

    public static Counter<long> Failed { get; } = Meter.CreateCounter<long>("vzaps.client.events.failed", "{event}", "Events of which a handler threw.");

    public static Counter<long> Dropped { get; } = Meter.CreateCounter<long>("vzaps.client.events.dropped", "{event}", "Redeliveries of events in hand or already handled.");

    public static Counter<long> Acked { get; } = Meter.CreateCounter<long>("vzaps.client.events.acked", "{event}", "Acks sent, repeated ones included.");

    public static Counter<long> Redelivered { get; } = Meter.CreateCounter<long>("vzaps.client.events.redelivered", "{event}", "Events received that the server marked as delivered before (extension).");

    public static Counter<long> Nacked { get; } = Meter.CreateCounter<long>("vzaps.client.events.nacked", "{event}", "Nacks sent: failed events that come again after a delay (extension).");

    public static Counter<long> Rejected { get; } = Meter.CreateCounter<long>("vzaps.client.events.rejected", "{event}", "Rejections sent: events that go to the dead letters (extension).");

    public static Counter<long> Working { get; } = Meter.CreateCounter<long>("vzaps.client.events.working", "{message}", "Times that the server was told that a handler is still working (extension).");

    public static Counter<long> Gaps { get; } = Meter.CreateCounter<long>("vzaps.client.gaps", "{gap}", "Gaps that the server reported (extension).");

    public static Counter<long> GoAways { get; } = Meter.CreateCounter<long>("vzaps.client.goaways", "{message}", "Connections that the server asked to leave (extension).");

    public static Counter<long> Reconnects { get; } = Meter.CreateCounter<long>("vzaps.client.reconnects", "{attempt}", "Tries to connect after a failure or a goaway.");

    /// <summary>The span of one event's handlers.</summary>
    public static Activity? StartProcessing(VZapsEvent received)
    {
        var activity = Activities.StartActivity($"process {received.Type}", ActivityKind.Consumer);
        activity?.SetTag("messaging.system", "vzaps");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.message.id", received.Id);
        if (received.DeliveryCount > 1)
            activity?.SetTag("vzaps.delivery_count", received.DeliveryCount);
        return activity;
    }
}
