
namespace VZaps.Benchmarks;

/// <summary>Opening a log that holds events, and closing it again.</summary>
[MemoryDiagnoser]
public class LogStartBenchmark
{
    private static readonly InstanceId Instance = InstanceId.New();
    private LogFolder _folder = null!;

    [Params(1_000, 100_000, 500_000)]
    public int Events { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _folder = new LogFolder();
        await using var log = _folder.Open();
        await LogFolder.FillAsync(log, Instance, Events);
    }

    [GlobalCleanup]
    public void Cleanup() => _folder.Dispose();

    [Benchmark]
    public async Task<long> OpenAsync()
    {
        await using var log = _folder.Open();
        return log.GetRange(Instance).LastSequence;
    }
}
