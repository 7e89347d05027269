using System.Text;

namespace VZaps.Benchmarks;

/// <summary>Reading an ack, as each of the clients in the field writes it.</summary>
[MemoryDiagnoser]
public class AckBenchmark
{
    private const int ManyIds = 100;
    private static readonly InstanceId Instance = InstanceId.New();
    private byte[] _frame = [];

    [Params("event_id", "id", "eventId", "up_to", "event_ids")]
    public string Dialect { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var ids = Enumerable.Range(1, ManyIds).Select(n => $"\"{EventPosition.Create(Instance, 1_800_000_000_000, n)}\"").ToList();
        _frame = Encoding.UTF8.GetBytes($$"""{"type":"ack","{{Dialect}}":{{(Dialect == "event_ids" ? $"[{string.Join(',', ids)}]" : ids[0])}}}""");
    }

    /// <summary>One frame; of <c>event_ids</c> one with a hundred.</summary>
    [Benchmark]
    public ClientFrame Read()
    {
        var frame = ClientFrame.Read(_frame);
        if (frame.Kind == ClientFrameKind.AckMany)
            frame.ReadIds(_frame, 0, static (_, _) => { });
        return frame;
    }
}
