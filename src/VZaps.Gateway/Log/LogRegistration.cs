using Microsoft.Extensions.Options;
using VZaps.Gateway.Log.InMemory;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Log;

/// <summary>Puts the log's parts into the container; the host opens it.</summary>
internal static class LogRegistration
{
    private const string Folder = "log";

    // Enough for readers that are a burst behind; who is further behind reads the files, which the system still has in memory.
    private static readonly FeedLimits Tail = new(MaxEvents: 2_048, MaxBytes: 1 << 20);

    public static IServiceCollection AddEventLog(this IServiceCollection services) => services
        .AddSingleton(new InstanceFeeds(Tail))
        .AddSingleton<IEventLogEngine, ChosenEngine>();

    /// <summary>Checks the log in a data folder whose lock is held, file by file; nothing is written.</summary>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static IEnumerable<LogFileVerdict> Verify(DataFolder folder) =>
        Directory.Exists(folder.PathOf(Folder)) ? LogVerification.Run(new DiskLogFiles(folder.PathOf(Folder), isReadOnly: true)) : [];

    private sealed class ChosenEngine(
        IOptions<LogOptions> options, DataFolder folder, TimeProvider time, ILogger<SegmentLog> logger) : IEventLogEngine
    {
        public async ValueTask<IEventLog> OpenAsync(ICommitListener listener, CancellationToken cancellationToken)
        {
            if (options.Value.Engine == "memory")
                return new InMemoryLog(listener, time);
            return await Task.Run<IEventLog>(
                () => SegmentLog.Open(new DiskLogFiles(folder.PathOf(Folder)), options.Value, listener, time, logger), cancellationToken);
        }
    }
}
