using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Realtime;

/// <summary>The connections, counted. Thread-safe.</summary>
internal sealed class RealtimeMetrics
{
    private readonly Counter<long> _ended;

    public RealtimeMetrics(IMeterFactory meters, ConnectionRegistry connections)
    {
        var meter = meters.Create(GatewayMeter.Name);
        meter.CreateObservableGauge("vzaps.realtime.connections", () => connections.Count, "{connection}", "Live connections.");
        _ended = meter.CreateCounter<long>("vzaps.realtime.ended", "{connection}", "Connections that ended, by close code; 0 where the peer was gone.");
    }

    /// <summary>A connection ended.</summary>
    public void Ended(CloseCode? code) => _ended.Add(1, new KeyValuePair<string, object?>("code", (int?)code ?? 0));
}
