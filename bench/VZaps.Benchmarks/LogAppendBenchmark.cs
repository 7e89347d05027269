using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks;

/// <summary>Requests of one event each that wait together, on a real disk. The time is of the whole group, the making of its envelopes included;
/// the writer takes the first as it comes, so a group costs up to two flushes.</summary>
[MemoryDiagnoser]
public class LogAppendBenchmark
{
    private LogFolder _folder = null!;
    private SegmentLog _log = null!;
    private InstanceId[] _instances = [];
    private Task<AppendResult>[] _waiting = [];
    private int _next;

    [Params(1, 16, 128, 1_024)]
    public int Group { get; set; }

    [Params(1, 500)]
    public int Instances { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = new LogFolder();
        _log = _folder.Open();
        _instances = [.. Enumerable.Range(0, Instances).Select(_ => InstanceId.New())];
        _waiting = new Task<AppendResult>[Group];
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Benchmark]
    public Task AppendAsync()
    {
        for (var i = 0; i < Group; i++)
        {
            var instance = _instances[_next++ % Instances];
            _waiting[i] = _log.AppendAsync(instance, [SampleEvents.Draft(instance)], CancellationToken.None).AsTask();
        }

        return Task.WhenAll(_waiting);
    }
}
