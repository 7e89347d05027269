using VZaps.Benchmarks.LogMeasuring;

namespace VZaps.Benchmarks.ReceiveMeasuring;

/// <summary>
/// What an event costs in memory on the way from receipt over dispatch to ack, beyond its own object, its id and its payload. The bytes are counted: those of a long run less those of a short one, so that what
/// a subscription costs once is not in them. Which objects they are is sampled, in runs of their own.
/// </summary>
internal static class AllocationMeasurement
{
    /// <summary>More than the ids that a subscription remembers: from here on, no table grows.</summary>
    private const int ShortRun = ReceiveFrames.Events;

    private const int Repeats = 3;

    /// <summary>Below it, it is what happens now and then, and the sampling itself.</summary>
    private const double LeastObjects = 0.2;

    public static async Task<int> RunAsync(MeasurementArguments arguments)
    {
        var more = (int)arguments.Number("events", 50_000);
        var sampleRuns = (int)arguments.Number("sample-runs", 6);
        Console.WriteLine($"{more:N0} events of {SampleEvents.Envelope(ReceiveFrames.Instance, 1).Length:N0} bytes beyond the first {ShortRun:N0}; objects sampled over {sampleRuns * ShortRun:N0}.");
        Console.WriteLine();
        Console.WriteLine("| server | way | bytes an event | of them the event itself | beyond it | objects an event beyond it |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var extension in new[] { false, true })
        {
            var (few, many) = (ReceiveFrames.Make(extension, ShortRun), ReceiveFrames.Make(extension, ShortRun + more));
            await using var ways = new ReceiveWays(extension);
            foreach (var (name, runAsync) in ways.All)
            {
                await runAsync(few, ShortRun); // compiles
                var bytes = (await LeastBytesAsync(() => runAsync(many, ShortRun + more)) - await LeastBytesAsync(() => runAsync(few, ShortRun))) / (double)more;
                var objects = await SampleAsync(() => runAsync(few, ShortRun), sampleRuns);
                var own = objects.Where(IsEventsOwn).Sum(one => one.Bytes) + PayloadBytes(extension);
                var beyond = objects.Where(one => !IsEventsOwn(one) && !IsPayload(one, extension) && one.Objects >= LeastObjects).ToList();
                Console.WriteLine($"| {(extension ? "extension" : "plain")} | {name} | {bytes:0} | {own:0} | {bytes - own:0} | {Words(beyond)} |");
            }
        }

        return 0;
    }

    private static async Task<long> LeastBytesAsync(Func<Task> run)
    {
        var least = long.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await run();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    private static async Task<List<(string Type, long Bytes, double Objects)>> SampleAsync(Func<Task> run, int runs)
    {
        using var samples = new AllocationSamples();
        for (var one = 0; one < runs; one++)
            await run();
        return [.. samples.Objects.Select(one => one with { Objects = one.Objects / (runs * (double)ShortRun) })];
    }

    /// <summary>The event and the text of its id, of which each event has one.</summary>
    private static bool IsEventsOwn((string Type, long Bytes, double Objects) one) =>
        one.Type == typeof(VZapsEvent).FullName || (one.Type == typeof(string).FullName && one.Bytes == ArrayBytes(30 * sizeof(char), head: 22));

    private static bool IsPayload((string Type, long Bytes, double Objects) one, bool extension) =>
        one.Type == typeof(byte[]).FullName && one.Bytes == ArrayBytes(MessageBytes(extension), head: 24);

    private static double PayloadBytes(bool extension) => ArrayBytes(MessageBytes(extension), head: 24) / (extension ? (double)ReceiveFrames.EventsPerBatch : 1);

    private static int MessageBytes(bool extension)
    {
        var envelope = SampleEvents.Envelope(ReceiveFrames.Instance, 1).Length;
        // [one,two,…]
        return extension ? ((envelope + 1) * ReceiveFrames.EventsPerBatch) + 1 : envelope;
    }

    private static long ArrayBytes(int content, int head) => (content + head + 7L) & ~7L;

    private static string Words(List<(string Type, long Bytes, double Objects)> objects) => objects.Count == 0
        ? "none"
        : string.Join(", ", objects.Select(one => $"{one.Objects:0.0} `{one.Type}` of {one.Bytes} B"));
}
