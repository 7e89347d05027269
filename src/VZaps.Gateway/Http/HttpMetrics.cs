using System.Diagnostics.Metrics;

namespace VZaps.Gateway.Http;

/// <summary>Counts what is refused. Thread-safe.</summary>
internal sealed class HttpMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _refusals = meters.Create(GatewayMeter.Name)
        .CreateCounter<long>("vzaps.http.refusals", "{request}", "Requests answered with 4xx or 5xx, realtime handshakes among them, by status and code.");

    /// <summary>A request was refused; the codes are a closed set.</summary>
    public void Refused(Problem problem) => _refusals.Add(
        1, new KeyValuePair<string, object?>("status", problem.Status), new KeyValuePair<string, object?>("code", problem.Code));
}
