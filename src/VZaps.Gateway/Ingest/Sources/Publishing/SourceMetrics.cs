using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What comes in from sources, counted. Tags come from a closed set: the kind of the source, and what became of an update. Thread-safe.</summary>
internal sealed class SourceMetrics
{
    private readonly Counter<long> _updates;
    private readonly Counter<long> _refused;
    private long _silent;

    public SourceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMeter.Name);
        _updates = meter.CreateCounter<long>("vzaps.sources.updates", "{update}", "Updates of sources, by kind of source and outcome: published, duplicate, not_mapped, kept.");
        _refused = meter.CreateCounter<long>("vzaps.sources.refused", "{request}", "Requests to sources that were not genuine, by kind of source.");
        meter.CreateObservableGauge("vzaps.sources.silent", () => Volatile.Read(ref _silent), "{source}", "Sources without a request for longer than Sources:SilentAfter.");
    }

    public void Count(string kind, string outcome, int count)
    {
        if (count > 0)
            _updates.Add(count, new KeyValuePair<string, object?>("source", kind), new KeyValuePair<string, object?>("outcome", outcome));
    }

    public void Refused(string kind) => _refused.Add(1, new KeyValuePair<string, object?>("source", kind));

    public void Silent(int sources) => Volatile.Write(ref _silent, sources);
}
