using Microsoft.Extensions.Primitives;
using VZaps.Gateway.Log;

namespace VZaps.Benchmarks;

/// <summary>Whether an event is one of those that a connection asked for, and reading what it asked for.</summary>
[MemoryDiagnoser]
public class TypeFilterBenchmark
{
    private const int Events = 1_000;
    private static readonly EventTypeSet Types = EventTypeSet.Of(EventType.Message, EventType.ReadReceipt);
    private static readonly byte[] TypeIndexes = [.. Enumerable.Range(0, Events).Select(n => (byte)(n * 7 % EventTypeSet.TypeCount))];
    private static readonly StringValues Query = "Message, ReadReceipt";

    [Benchmark(OperationsPerInvoke = Events)]
    public int Contains()
    {
        var matching = 0;
        foreach (var typeIndex in TypeIndexes)
            matching += Types.Contains(typeIndex) ? 1 : 0;
        return matching;
    }

    [Benchmark]
    public int ReadFromQuery() => EventTypeFilter.Read(Query)!.Value.Count;
}
