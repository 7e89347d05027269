using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// How far endpoints are behind: an endpoint is no tag, so the worst one and the sum have to do. Which one it is, <c>GET /instances/{id}/webhooks</c> says.
/// Thread-safe.
/// </summary>
internal sealed class WebhookLagMetrics
{
    /// <summary>How old a figure may be: a scrape every second need not count everything every second.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5);

    private readonly Dispatcher _dispatcher;
    private readonly DispatchServices _services;
    private readonly Lock _lock = new();
    private Figures _figures = new();
    private long _takenAt;

    public WebhookLagMetrics(IMeterFactory meters, Dispatcher dispatcher, DispatchServices services)
    {
        (_dispatcher, _services) = (dispatcher, services);
        var meter = meters.Create(GatewayMeter.Name);
        meter.CreateObservableGauge("vzaps.webhooks.in_flight", () => dispatcher.Loops.Sum(loop => loop.InFlight), "{attempt}", "Attempts that run.");
        meter.CreateObservableGauge("vzaps.webhooks.pending", () => Take().Pending, "{delivery}", "Deliveries that are tried again, or wait for an earlier event of their chat.");
        meter.CreateObservableGauge("vzaps.webhooks.pending.max", () => Take().MostPending, "{delivery}", "The same, of the endpoint that has the most.");
        meter.CreateObservableGauge("vzaps.webhooks.lag", () => Take().Lag, "{event}", "Events in the log that enabled endpoints have not begun.");
        meter.CreateObservableGauge("vzaps.webhooks.lag.max", () => Take().MostLag, "{event}", "The same, of the endpoint that has the most.");
        meter.CreateObservableGauge("vzaps.webhooks.undelivered.age", () => Take().OldestSeconds, "s", "How long ago the oldest event that an enabled endpoint has not taken was appended.");
        meter.CreateObservableGauge("vzaps.webhooks.endpoints", Endpoints, "{endpoint}", "Endpoints with a URL, by state: active, failing (for less than Webhooks:WarnAfter), failing_long or disabled.");
    }

    private Figures Take()
    {
        lock (_lock)
        {
            if (_takenAt != 0 && _services.Time.GetElapsedTime(_takenAt) < GoodFor)
                return _figures;
            _figures = Count();
            _takenAt = _services.Time.GetTimestamp();
            return _figures;
        }
    }

    private Figures Count()
    {
        var (figures, now, log) = (new Figures(), _services.Time.GetUtcNow(), _services.Log.Value);
        foreach (var loop in _dispatcher.Loops.Where(loop => loop.Endpoint.Settings.IsRunning))
        {
            var (endpoint, types) = (loop.Endpoint, _services.Endpoints.TypesOf(loop.Endpoint));
            var lag = log.Count(endpoint.Instance, types, endpoint.Position);
            figures.Pending += loop.Pending;
            figures.MostPending = Math.Max(figures.MostPending, loop.Pending);
            figures.Lag += lag;
            figures.MostLag = Math.Max(figures.MostLag, lag);
            // A read of the table; SQLite's are not asynchronous, whatever they are called.
            var oldest = loop.Pending > 0 ? _services.Deliveries.OldestPendingAsync(endpoint.Id, CancellationToken.None).GetAwaiter().GetResult() : null;
            if ((oldest ?? (lag > 0 ? log.FindNext(endpoint.Instance, types, endpoint.Position)?.AppendedAt : null)) is { } since)
                figures.OldestSeconds = Math.Max(figures.OldestSeconds, (now - since).TotalSeconds);
        }

        return figures;
    }

    private IEnumerable<Measurement<int>> Endpoints() => _dispatcher.Loops
        .Where(loop => loop.Endpoint.Settings.Url is not null)
        .GroupBy(loop => StateOf(loop.Endpoint), StringComparer.Ordinal)
        .Select(ofState => new Measurement<int>(ofState.Count(), new KeyValuePair<string, object?>("state", ofState.Key)));

    private string StateOf(WebhookEndpoint endpoint)
    {
        if (!endpoint.Settings.IsEnabled)
            return "disabled";
        if (endpoint.Health.FailingSince is not { } since)
            return "active";
        return _services.Time.GetUtcNow() - since < _services.Options.Value.WarnAfter ? "failing" : "failing_long";
    }

    private sealed class Figures
    {
        public long Pending { get; set; }

        public long MostPending { get; set; }

        public long Lag { get; set; }

        public long MostLag { get; set; }

        public double OldestSeconds { get; set; }
    }
}
