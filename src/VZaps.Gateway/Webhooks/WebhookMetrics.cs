using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Webhooks;

/// <summary>What happens to events on their way to webhooks, counted. Tags come from closed sets. Thread-safe.</summary>
internal sealed class WebhookMetrics
{
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _held;
    private readonly Counter<long> _disabled;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _missed;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _latency;

    public WebhookMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMeter.Name);
        _attempts = meter.CreateCounter<long>("vzaps.webhooks.attempts", "{attempt}", "Posts, by outcome: 2xx, 3xx, 4xx, 5xx, timeout or error.");
        _settled = meter.CreateCounter<long>("vzaps.webhooks.deliveries", "{delivery}", "Deliveries that came to an end: delivered, failed or cancelled.");
        _held = meter.CreateCounter<long>("vzaps.webhooks.held", "{delivery}", "Deliveries that had to wait for an earlier event of their chat.");
        _disabled = meter.CreateCounter<long>("vzaps.webhooks.disabled", "{endpoint}", "Endpoints that the gateway gave up, by reason: gone or failing.");
        _gaps = meter.CreateCounter<long>("vzaps.webhooks.gaps", "{gap}", "Endpoints for which retention was faster.");
        _missed = meter.CreateCounter<long>("vzaps.webhooks.missed", "{event}", "Events in those gaps, at most.");
        _duration = meter.CreateHistogram<double>("vzaps.webhooks.duration", "s", "How long an attempt took.");
        _latency = meter.CreateHistogram<double>("vzaps.webhooks.latency", "s", "From the append of an event to its delivery at the first attempt.");
    }

    public void Attempted(AttemptResult result)
    {
        var outcome = result.HttpStatus switch
        {
            null => result.IsTimeout ? "timeout" : "error",
            < 300 => "2xx",
            < 400 => "3xx",
            < 500 => "4xx",
            _ => "5xx",
        };
        _attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _duration.Record(result.Duration.TotalSeconds);
    }

    public void Settled(DeliveryStatus status, int deliveries = 1)
    {
        if (deliveries > 0)
            _settled.Add(deliveries, new KeyValuePair<string, object?>("status", DeliveryStatuses.NameOf(status)));
    }

    public void Held() => _held.Add(1);

    public void Disabled(string reason) => _disabled.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Gap(long events)
    {
        _gaps.Add(1);
        _missed.Add(events);
    }

    public void Latency(TimeSpan sinceAppend) => _latency.Record(Math.Max(0, sinceAppend.TotalSeconds));
}
