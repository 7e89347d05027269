using VZaps.Benchmarks.InProcess;

namespace VZaps.Benchmarks;

/// <summary>What the benchmarks of receiving have to receive: events of 1.1 KB, each in a frame of its own, or in batches of the extension.</summary>
internal static class ReceiveFrames
{
    public const int Events = 50_000;
    public const int EventsPerBatch = 100;

    /// <summary>Whose events they are, and who is subscribed to.</summary>
    public static InstanceId Instance { get; } = InstanceId.Parse("VZ0123456789ABCDEFGHIJKLMNOPQRSTUV");

    public static byte[] Make(bool batches, int events = Events)
    {
        var writer = new FrameWriter();
        if (batches)
            writer.Hello();
        for (var sequence = 1; sequence <= events; sequence += EventsPerBatch)
        {
            var envelopes = Enumerable.Range(sequence, EventsPerBatch).Select(n => SampleEvents.Envelope(Instance, n)).ToList();
            if (batches)
                writer.Batch(envelopes);
            else
                envelopes.ForEach(writer.Event);
        }

        return writer.ToArray();
    }
}
