using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks;

/// <summary>Reading what is stored: one page, and all of it as a consumer that has read nothing.</summary>
[MemoryDiagnoser]
public class LogReadBenchmark
{
    private const int Events = 100_000;
    private const int PageEvents = 100;
    private static readonly LogPageLimits Page = new(PageEvents, MaxBytes: 256 << 10);
    private static readonly InstanceId Instance = InstanceId.New();
    private readonly Random _random = new(1);
    private LogFolder _folder = null!;
    private SegmentLog _log = null!;
    private InstanceFeeds _feeds = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _folder = new LogFolder();
        _feeds = new InstanceFeeds(new FeedLimits(MaxEvents: 2_048, MaxBytes: 1 << 20));
        _log = _folder.Open(_feeds);
        await LogFolder.FillAsync(_log, Instance, Events);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Somewhere in the log; the time is of the page.</summary>
    [Benchmark]
    public async Task<int> ReadPageAsync() =>
        (await _log.ReadAsync(Instance, _random.Next(Events - PageEvents), EventTypeSet.All, Page, CancellationToken.None)).Envelopes.Count;

    /// <summary>The time is of an event.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public async Task<long> CatchUpAsync()
    {
        using var reader = new EventReader(_log, _feeds, Instance, new WakeSignal());
        var readThrough = 0L;
        while (readThrough < Events)
            readThrough = (await reader.ReadAsync(readThrough, EventTypeSet.All, Page, CancellationToken.None)).ReadThrough;
        return readThrough;
    }
}
