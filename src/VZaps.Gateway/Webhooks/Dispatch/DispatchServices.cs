using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary>What the loops of all endpoints share.</summary>
internal sealed record DispatchServices(
    EndpointAnswers Endpoints,
    DeliveryStore Deliveries,
    LogRetention Logs,
    WebhookPost Post,
    HealthWatch Health,
    GatewaySlots Slots,
    Lazy<IEventLog> Log,
    InstanceFeeds Feeds,
    IOptions<WebhookOptions> Options,
    WebhookMetrics Metrics,
    TimeProvider Time,
    ILogger<EndpointLoop> Logger)
{
    /// <summary>When failed attempts are followed by others.</summary>
    public RetrySchedule Schedule { get; } = new(Options.Value.RetrySchedule);
}
