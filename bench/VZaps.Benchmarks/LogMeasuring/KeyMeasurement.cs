using System.Diagnostics;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks.LogMeasuring;

/// <summary>What idempotency keys take in memory, as the runtime counts it, at each million of them.</summary>
internal static class KeyMeasurement
{
    private const int Million = 1_000_000;

    public static Task<int> RunAsync(MeasurementArguments arguments)
    {
        var millions = (int)arguments.Number("millions", 10);
        var folder = Directory.CreateTempSubdirectory("vzaps-keys-");
        using var io = new DiskLogFiles(folder.FullName).Create("1", 0);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (table, file, random) = (new KeyTable(), new SegmentFile(1, io), new Random(5));
        table.Attach(file);
        var (worst, longest) = (0.0, TimeSpan.Zero);
        Console.WriteLine("| keys | bytes a key, as the runtime counts | bytes a key, as the table counts | longest add since, µs |");
        Console.WriteLine("| --- | --- | --- | --- |");
        for (var i = 1; i <= millions * Million; i++)
        {
            var hash = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            var start = Stopwatch.GetTimestamp();
            table.Add(hash, file, (uint)i);
            var took = Stopwatch.GetElapsedTime(start);
            longest = took > longest ? took : longest;
            if (i % (Million / 4) == 0)
                worst = Math.Max(worst, (double)table.Bytes / i);
            if (i % Million != 0)
                continue;
            var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
            Console.WriteLine($"| {i:N0} | {(double)memory / i:0.0} | {(double)table.Bytes / i:0.0} | {longest.TotalMicroseconds:0} |");
            longest = TimeSpan.Zero;
        }

        Console.WriteLine();
        Console.WriteLine($"At most {worst:0.0} bytes a key at any quarter of a million.");
        GC.KeepAlive(table);
        folder.Delete(recursive: true);
        return Task.FromResult(worst <= 20 ? 0 : 1);
    }
}
