using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks;

/// <summary>A log in a temporary folder of a real disk.</summary>
internal sealed class LogFolder : IDisposable
{
    private const int EventsPerRequest = 500;

    public string Path { get; } = Directory.CreateTempSubdirectory("vzaps-bench-").FullName;

    public SegmentLog Open(ICommitListener? listener = null) => SegmentLog.Open(
        new DiskLogFiles(Path), new LogOptions { InstanceRetentionBytes = 8L << 30 }, listener ?? new CommitListeners(), TimeProvider.System, NullLogger.Instance);

    /// <summary>Appends so many events to one instance.</summary>
    public static async Task FillAsync(IEventLog log, InstanceId instance, int events)
    {
        for (var appended = 0; appended < events; appended += EventsPerRequest)
        {
            var drafts = Enumerable.Range(0, Math.Min(EventsPerRequest, events - appended)).Select(_ => SampleEvents.Draft(instance)).ToList();
            await log.AppendAsync(instance, drafts, CancellationToken.None);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
