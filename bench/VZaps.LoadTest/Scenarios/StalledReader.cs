using System.Buffers.Text;
using System.Diagnostics;

namespace VZaps.LoadTest.Scenarios;

/// <summary>A reader that never reads, while much is published: what it costs the gateway, and what it costs another reader.</summary>
internal static class StalledReader
{
    private const int EventsPerRequest = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var requests = arguments.Number("megabytes", 200) * 1_000_000 / (EventsPerRequest * 1_100);
        // Without, with, without: the first one warms up.
        foreach (var stalls in (bool[])[false, true, false, true])
            await MeasureAsync(requests, stalls);
        return 0;
    }

    private static async Task MeasureAsync(int requests, bool stalls)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        // Warm: code that was never run is no measure of memory.
        for (var i = 0; i < 200; i++)
            await gateway.PublishAsync(BelievableEvents.Lines(i * EventsPerRequest, EventsPerRequest));
        using var healthy = await gateway.ConnectAsync("healthy", extended: false);
        using var stalled = stalls ? await gateway.ConnectAsync("stalled", extended: false) : null;
        await Task.Delay(500);
        gateway.ForgetPeak();
        var (before, receiver) = (gateway.ResidentMiB, new EventReceiver(healthy));
        var sentAt = new long[requests * EventsPerRequest];
        var latencies = new List<double>(sentAt.Length);
        var reading = Task.Run(async () =>
        {
            while (receiver.Count < sentAt.Length)
            {
                await receiver.ReceiveAsync(envelope => latencies.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref sentAt[NumberOf(envelope)])).TotalMilliseconds));
                await receiver.AckAsync(upTo: false);
            }
        });

        // Open loop: a late publish counts from when it was due.
        var began = Stopwatch.GetTimestamp();
        for (var request = 0; request < requests; request++)
        {
            var due = began + (long)(Interval.TotalSeconds * request * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due)
                await Task.Delay(1);
            for (var i = 0; i < EventsPerRequest; i++)
                Volatile.Write(ref sentAt[(request * EventsPerRequest) + i], due);
            await gateway.PublishAsync(BelievableEvents.Lines(request * EventsPerRequest, EventsPerRequest));
        }

        await reading;
        latencies.Sort();
        Console.WriteLine($"{(stalls ? "with a stalled reader   " : "without a stalled reader")}: {receiver.Count:N0} events, {receiver.Bytes / 1e6:0} MB; memory {before:0} MiB before, {gateway.ResidentMiB:0} after, peak {gateway.PeakMiB:0}; "
            + $"publish to receipt p50 {At(latencies, 0.5):0.0} ms, p99 {At(latencies, 0.99):0.0} ms, max {latencies[^1]:0.0} ms");
    }

    private static double At(List<double> sorted, double share) => sorted[(int)((sorted.Count - 1) * share)];

    private static int NumberOf(ReadOnlySpan<byte> envelope)
    {
        var start = envelope.IndexOf("\"number\":"u8) + 9;
        return Utf8Parser.TryParse(envelope[start..], out int number, out _) ? number : throw new InvalidDataException("An event without its number came back.");
    }
}
