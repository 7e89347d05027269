using VZaps.Benchmarks.InProcess;

namespace VZaps.Benchmarks;

/// <summary>What the benchmarks of receiving have to receive: events of 1.1 KB, each in a frame of its own, or in batches of the extension.</summary>
internal static class ReceiveFrames
{
    public const int Events = 50_000;
    private const int EventsPerBatch = 100;

    public static byte[] Make(bool batches)
    {
        var instance = InstanceId.New();
        var writer = new FrameWriter();
        if (batches)
            writer.Hello();
        for (var sequence = 1; sequence <= Events; sequence += EventsPerBatch)
        {
            var envelopes = Enumerable.Range(sequence, EventsPerBatch).Select(n => SampleEvents.Envelope(instance, n)).ToList();
            if (batches)
                writer.Batch(envelopes);
            else
                envelopes.ForEach(writer.Event);
        }

        return writer.ToArray();
    }
}
