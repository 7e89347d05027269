using System.Diagnostics;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks.LogMeasuring;

/// <summary>How long a start takes on a large log, from a cold disk and from a warm one, and what the open log takes in memory.</summary>
internal static class StartMeasurement
{
    private const int EventsPerRequest = 500;

    public static async Task<int> RunAsync(MeasurementArguments arguments)
    {
        var bytes = (long)(arguments.Number("gigabytes", 50) * (1L << 30));
        var instances = (int)arguments.Number("instances", 500);
        var runs = (int)arguments.Number("runs", 3);
        var existing = arguments.Text("existing");
        var folder = existing ?? Directory.CreateTempSubdirectory("vzaps-start-").FullName;
        try
        {
            IReadOnlyList<InstanceId> last = [.. Enumerable.Range(0, 10).Select(_ => InstanceId.New())];
            if (existing is null)
            {
                var sparse = new SparseLog(folder, instances, hasKeys: !arguments.Has("without-keys"));
                sparse.Fill(bytes);
                Console.WriteLine($"{sparse.Files} files of 64 MiB, {sparse.Events:N0} events of 1,045 B in {instances:N0} instances{(arguments.Has("without-keys") ? "" : ", each with a key")}; holes in the place of the records.");
            }

            Console.WriteLine();
            Console.WriteLine("| start | seconds | managed memory, MB | of it keys | process, MB |");
            Console.WriteLine("| --- | --- | --- | --- | --- |");
            for (var run = 0; run < runs; run++)
            {
                await MeasureAsync(folder, last, isCold: true);
                await MeasureAsync(folder, last, isCold: false);
            }
        }
        finally
        {
            if (existing is null && !arguments.Has("keep"))
                Directory.Delete(folder, recursive: true);
            else
                Console.WriteLine($"The folder: {folder}");
        }

        return 0;
    }

    private static async Task MeasureAsync(string folder, IReadOnlyList<InstanceId> instances, bool isCold)
    {
        // The last file is one that a killed process leaves: full of records, and without a footer.
        await using (var log = Open(folder))
        {
            for (var i = 0; i < 100; i++)
            {
                var instance = instances[i % instances.Count];
                await log.AppendAsync(instance, [.. Enumerable.Range(0, EventsPerRequest).Select(_ => SampleEvents.Draft(instance))], CancellationToken.None);
            }
        }

        var isForgotten = isCold && PageCache.TryForget(folder);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        await using var opened = Open(folder);
        var seconds = watch.Elapsed.TotalSeconds;
        var process = Process.GetCurrentProcess().WorkingSet64;
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"| {(isCold ? isForgotten ? "cold" : "cold (the system cannot)" : "warm")} | {seconds:0.00} | {memory / 1e6:0} | {opened.KeyBytes / 1e6:0} | {process / 1e6:0} |");
    }

    private static SegmentLog Open(string folder) => SegmentLog.Open(
        new DiskLogFiles(folder), new LogOptions { RetentionAge = TimeSpan.FromDays(30), RetentionBytes = 1L << 42, InstanceRetentionBytes = 1L << 42 },
        new CommitListeners(), TimeProvider.System, NullLogger.Instance);
}
