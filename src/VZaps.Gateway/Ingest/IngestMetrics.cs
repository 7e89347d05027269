using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest;

/// <summary>What comes in, counted. Thread-safe.</summary>
internal sealed class IngestMetrics
{
    private readonly Counter<long> _published;
    private readonly Counter<long> _publishedBytes;
    private readonly Counter<long> _duplicates;
    private readonly Histogram<double> _commit;

    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMeter.Name);
        _published = meter.CreateCounter<long>("vzaps.publish.events", "{event}", "Events that became durable.");
        _publishedBytes = meter.CreateCounter<long>("vzaps.publish.bytes", "By", "Bytes of their envelopes.");
        _duplicates = meter.CreateCounter<long>("vzaps.publish.duplicates", "{event}", "Events whose idempotency key was there already.");
        _commit = meter.CreateHistogram<double>("vzaps.log.commit", "s", "From the append of a request's events to their flush.");
    }

    /// <summary>A request's events are durable.</summary>
    public void Published(int events, long bytes, int duplicates, TimeSpan took)
    {
        _published.Add(events);
        _publishedBytes.Add(bytes);
        _duplicates.Add(duplicates);
        _commit.Record(took.TotalSeconds);
    }
}
