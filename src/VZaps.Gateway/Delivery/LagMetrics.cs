using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>
/// How far consumers are behind, over all that were used since the start: an instance is no tag, so the worst one and the
/// sum have to do. Which one it is, <c>GET /instances/{id}/consumers</c> says. Thread-safe.
/// </summary>
internal sealed class LagMetrics
{
    /// <summary>How old a figure may be: a scrape every second need not count everything every second.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(2);

    private readonly ConsumerDirectory _consumers;
    private readonly Func<IEventLog> _log;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Figures _figures;
    private long _takenAt;

    /// <param name="meters">Makes the instruments.</param>
    /// <param name="consumers">Whose lag it is.</param>
    /// <param name="log">Gives the log; called at a scrape, when it is open.</param>
    /// <param name="time">The clock.</param>
    public LagMetrics(IMeterFactory meters, ConsumerDirectory consumers, Func<IEventLog> log, TimeProvider time)
    {
        (_consumers, _log, _time) = (consumers, log, time);
        var meter = meters.Create(GatewayMeter.Name);
        meter.CreateObservableGauge("vzaps.delivery.lag", () => Take().Events, "{event}", "Events that wait for consumers: owed, and after the heads.");
        meter.CreateObservableGauge("vzaps.delivery.lag.max", () => Take().MostEvents, "{event}", "The same, of the consumer that has the most.");
        meter.CreateObservableGauge("vzaps.delivery.lag.age", () => Take().OldestSeconds, "s", "How long the oldest waiting event has been in the log.");
        meter.CreateObservableGauge("vzaps.delivery.windows_full", () => Take().FullWindows, "{connection}", "Connections that can be sent nothing more for want of acks.");
        meter.CreateObservableGauge("vzaps.delivery.window_full.age", () => Take().FullSeconds, "s", "For how long the first of them has been so.");
        meter.CreateObservableGauge("vzaps.deadletters", () => Take().DeadLetters, "{event}", "Dead letters of those consumers.");
    }

    private Figures Take()
    {
        lock (_lock)
        {
            if (_takenAt != 0 && _time.GetElapsedTime(_takenAt) < GoodFor)
                return _figures;
            _figures = Count();
            _takenAt = _time.GetTimestamp();
            return _figures;
        }
    }

    private Figures Count()
    {
        var (log, now, figures) = (_log(), _time.GetUtcNow(), default(Figures));
        foreach (var consumer in _consumers.All)
        {
            var (letters, redelivered) = consumer.ReadLetters(index => (index.Count, index.RedeliveredCount));
            var lag = ConsumerLag.Of(consumer.Snapshot(), redelivered, consumer.Key.Instance, log, now);
            figures.Events += lag.Events;
            figures.MostEvents = Math.Max(figures.MostEvents, lag.Events);
            figures.OldestSeconds = Math.Max(figures.OldestSeconds, lag.Age(now).TotalSeconds);
            figures.DeadLetters += letters;
            foreach (var since in consumer.Connections.Select(connection => connection.FullSince).OfType<DateTimeOffset>())
            {
                figures.FullWindows++;
                figures.FullSeconds = Math.Max(figures.FullSeconds, (now - since).TotalSeconds);
            }
        }

        return figures;
    }

    private struct Figures
    {
        public long Events;
        public long MostEvents;
        public double OldestSeconds;
        public int FullWindows;
        public double FullSeconds;
        public long DeadLetters;
    }
}
