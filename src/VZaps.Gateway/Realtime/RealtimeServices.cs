using Microsoft.Extensions.Options;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>What all connections share.</summary>
internal sealed class RealtimeServices(
    IEventLog log,
    EventLookup events,
    DeadLetterStore letterStore,
    DeadLetters letters,
    ConsumerAttachment attachments,
    GapNotice gaps,
    DeliveryMetrics metrics,
    RealtimeMetrics connections,
    BusyConnections busy,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<RealtimeConnection> logger)
{
    public IEventLog Log => log;

    public EventLookup Events => events;

    public DeadLetterStore LetterStore => letterStore;

    public DeadLetters Letters => letters;

    public ConsumerAttachment Attachments => attachments;

    public GapNotice Gaps => gaps;

    public DeliveryMetrics Metrics => metrics;

    public RealtimeMetrics Connections => connections;

    public BusyConnections Busy => busy;

    public DeliveryOptions Options { get; } = options.Value;

    public TimeProvider Time => time;

    public ILogger Logger => logger;
}
