using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace VZaps.Benchmarks.ReceiveMeasuring;

/// <summary>Which objects are made while it lives: the runtime picks bytes at random, on average one of 100 KiB, and says of which object each is.</summary>
/// <remarks>What it needs for itself is among them: some objects a sample, so each type of those is a hundredth of an object for an event of a kilobyte.</remarks>
internal sealed class AllocationSamples : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const string Sampled = "AllocationSampled";
    private const EventKeywords Sampling = (EventKeywords)0x80000000000;
    private const double MeanBytes = 102_400;

    private readonly ConcurrentDictionary<(string Type, long Bytes), int> _samples = new();

    /// <summary>The objects by type and size, the most bytes first.</summary>
    public IEnumerable<(string Type, long Bytes, double Objects)> Objects =>
        // A byte of an object of n is picked with 1 - (1 - 1/mean)^n: each sample stands for so many objects of its kind.
        _samples.Select(sample => (sample.Key.Type, sample.Key.Bytes, Objects: sample.Value / (1 - Math.Pow(1 - (1 / MeanBytes), sample.Key.Bytes))))
            .OrderByDescending(one => one.Bytes * one.Objects);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
            EnableEvents(eventSource, EventLevel.Informational, Sampling);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class calls before our fields are there.
        if (_samples is null || eventData.EventName?.StartsWith(Sampled, StringComparison.Ordinal) != true || eventData is not { PayloadNames: { } names, Payload: { } values })
            return;
        var (type, bytes) = ((string)values[names.IndexOf("TypeName")]!, Convert.ToInt64(values[names.IndexOf("ObjectSize")]));
        _samples.AddOrUpdate((type, bytes), 1, static (_, count) => count + 1);
    }
}
