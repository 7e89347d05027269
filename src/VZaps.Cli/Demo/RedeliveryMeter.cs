using System.Diagnostics.Metrics;

namespace VZaps.Cli.Demo;

/// <summary>Counts the redeliveries that the SDK drops before any handler sees them, by the SDK's own metric.</summary>
internal sealed class RedeliveryMeter : IDisposable
{
    private readonly MeterListener _listener = new();

    public RedeliveryMeter(EventTally tally)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "VZaps.Client", Name: "vzaps.client.events.dropped" })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, dropped, _, _) =>
        {
            for (var i = 0L; i < dropped; i++)
                tally.Redelivered();
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();
}
