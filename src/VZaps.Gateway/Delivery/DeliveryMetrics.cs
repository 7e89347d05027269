using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>What happens to events on their way to consumers, counted. Tags come from closed sets. Thread-safe.</summary>
internal sealed class DeliveryMetrics
{
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _redelivered;
    private readonly Counter<long> _acked;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _dead;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _missed;
    private readonly Histogram<double> _latency;

    public DeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMeter.Name);
        _delivered = meter.CreateCounter<long>("vzaps.delivery.delivered", "{event}", "First deliveries written to a connection.");
        _redelivered = meter.CreateCounter<long>("vzaps.delivery.redelivered", "{event}", "Events written to a connection again, for want of an ack, at a nack or from the dead letters.");
        _acked = meter.CreateCounter<long>("vzaps.delivery.acked", "{event}", "Acks taken.");
        _answers = meter.CreateCounter<long>("vzaps.delivery.answers", "{event}", "What clients of the extension said of events beside acks: nack, working, reject.");
        _dead = meter.CreateCounter<long>("vzaps.delivery.dead", "{event}", "Events that went to the dead letters, by reason.");
        _dropped = meter.CreateCounter<long>("vzaps.deadletters.dropped", "{event}", "Dead letters removed for their age or number.");
        _gaps = meter.CreateCounter<long>("vzaps.delivery.gaps", "{gap}", "Readers for which retention was faster.");
        _missed = meter.CreateCounter<long>("vzaps.delivery.missed", "{event}", "Events in those gaps, at most.");
        _latency = meter.CreateHistogram<double>(
            "vzaps.delivery.latency", "s", "From the append of an event to its first write to a connection.");
    }

    public void Delivered(int events) => _delivered.Add(events);

    public void Redelivered(int events) => _redelivered.Add(events);

    public void Acked(int events) => _acked.Add(events);

    /// <param name="what"><c>nack</c>, <c>working</c> or <c>reject</c>.</param>
    public void Answered(string what) => _answers.Add(1, new KeyValuePair<string, object?>("answer", what));

    public void Dead(DeadLetterReason reason) => _dead.Add(1, new KeyValuePair<string, object?>("reason", DeadLetterReasons.NameOf(reason)));

    public void LettersDropped(int letters) => _dropped.Add(letters);

    public void Gap(long events)
    {
        _gaps.Add(1);
        _missed.Add(events);
    }

    public void Latency(TimeSpan sinceAppend) => _latency.Record(Math.Max(0, sinceAppend.TotalSeconds));
}
