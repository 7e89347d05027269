using VZaps.Gateway.Delivery;

namespace VZaps.Benchmarks;

/// <summary>The open deliveries of one connection: opened as far as there is room, acked in order.</summary>
[MemoryDiagnoser]
public class DeliveryWindowBenchmark
{
    private const int Events = 1_000;
    private DeliveryWindow _window = null!;
    private long _sequence;

    [Params(16, 1_024)]
    public int Window { get; set; }

    [GlobalSetup]
    public void Setup() =>
        _window = new DeliveryWindow(Window, new DeliverySchedule(TimeSpan.FromSeconds(30), MaxDeliveries: 5), TimeProvider.System, new Random(1));

    /// <summary>1 µs an operation is a million events a second.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int OpenAndAck()
    {
        var acked = 0;
        var (next, oldest, end) = (_sequence + 1, _sequence + 1, _sequence + Events);
        while (oldest <= end)
        {
            while (next <= end && next - oldest < Window)
                _window.Open(next++, typeIndex: 0);
            for (; oldest < next; oldest++)
                acked += _window.TryAck(oldest) ? 1 : 0;
        }

        _sequence = end;
        return acked;
    }
}
