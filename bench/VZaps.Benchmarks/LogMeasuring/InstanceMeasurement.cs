using System.Diagnostics;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks.LogMeasuring;

/// <summary>What an event costs with few and with many instances: appended in groups of which every event is another instance's, and read back by each of them.</summary>
internal static class InstanceMeasurement
{
    private const int InFlight = 1_024;
    private static readonly LogPageLimits Page = new(MaxEvents: 256, MaxBytes: 512 << 10);

    public static async Task<int> RunAsync(MeasurementArguments arguments)
    {
        var events = (int)arguments.Number("events", 1_000_000);
        var counts = (arguments.Text("counts") ?? "500,10000,500,10000").Split(',').Select(int.Parse);
        Console.WriteLine($"{events:N0} events of 1,045 B, {InFlight} requests of one event under way.");
        Console.WriteLine();
        Console.WriteLine("| instances | append, events/s | CPU-µs an event | read back, events/s | CPU-µs an event | from the start again, events/s | CPU-µs an event |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var count in counts)
            await MeasureAsync(count, events);
        return 0;
    }

    private static async Task MeasureAsync(int count, int events)
    {
        using var folder = new LogFolder();
        InstanceId[] instances = [.. Enumerable.Range(0, count).Select(_ => InstanceId.New())];
        await using (var log = folder.Open())
        {
            var append = await TimedAsync(() => AppendAsync(log, instances, events));
            Console.Write($"| {count:N0} | {Cells(append, events)} | ");
        }

        await using var again = folder.Open();
        var read = await TimedAsync(() => ReadAllAsync(again, instances));
        var second = await TimedAsync(() => ReadAllAsync(again, instances));
        Console.WriteLine($"{Cells(read, events)} | {Cells(second, events)} |");
    }

    private static string Cells((double Seconds, double Cpu) took, int events) => $"{events / took.Seconds:N0} | {took.Cpu * 1e6 / events:0.0}";

    private static async Task AppendAsync(SegmentLog log, InstanceId[] instances, int events)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var n && n <= events)
            {
                var instance = instances[n % instances.Length];
                await log.AppendAsync(instance, [SampleEvents.Draft(instance)], CancellationToken.None);
            }
        })));
    }

    private static async Task ReadAllAsync(SegmentLog log, InstanceId[] instances)
    {
        foreach (var instance in instances)
        {
            for (LogPage page = new([], 0, 0, ReachedEnd: false); !page.ReachedEnd;)
                page = await log.ReadAsync(instance, page.ReadThrough, EventTypeSet.All, Page, CancellationToken.None);
        }
    }

    private static async Task<(double Seconds, double Cpu)> TimedAsync(Func<Task> work)
    {
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await work();
        return (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }
}
