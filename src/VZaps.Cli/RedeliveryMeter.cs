using System.Diagnostics.Metrics;

namespace VZaps.Cli;

/// <summary>Counts the redeliveries that the SDK drops before any handler sees them, by the SDK's own metric.</summary>
internal sealed class RedeliveryMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    /// <param name="onDropped">Told how many, each time; null where the sum is enough.</param>
    public RedeliveryMeter(Action<long>? onDropped = null)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "VZaps.Client", Name: "vzaps.client.events.dropped" })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, dropped, _, _) =>
        {
            Interlocked.Add(ref _count, dropped);
            onDropped?.Invoke(dropped);
        });
        _listener.Start();
    }

    /// <summary>All since it was made.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
