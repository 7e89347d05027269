using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Media;

/// <summary>What files need now and then: old ones removed, and figures of what is pending taken.</summary>
internal sealed partial class MediaUpkeep(
    MediaRetention retention, CatalogStart start, IncomingFiles incoming, FreeSpace space, MediaCatalog catalog, MediaMetrics metrics, IOptions<MediaOptions> options, TimeProvider time,
    ILogger<MediaUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5), RemovalInterval = TimeSpan.FromMinutes(10), RemovalIntervalWithoutRoom = TimeSpan.FromMinutes(1);

    // Of the time that a removal took, between two of them: many files are many looks at a disk that is in distress.
    private const int RestAfterRemoval = 10;

    private bool _isToldThatNoneMayGo;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first file comes in.
        await TryAsync(() => Task.FromResult(start.At));
        // Most of all where there is no room, as what a crash left takes some.
        await TryAsync(() =>
        {
            incoming.Open();
            return Task.CompletedTask;
        });
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        (long At, TimeSpan Took)? removal = null;
        try
        {
            do
            {
                await TryAsync(() => LookAsync(stoppingToken));
                if (removal is { } last && time.GetElapsedTime(last.At) < IntervalAfter(last.Took, space.Look() > 0))
                    continue;
                var began = time.GetTimestamp();
                await TryAsync(() => RemoveAsync(stoppingToken));
                removal = (time.GetTimestamp(), time.GetElapsedTime(began));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    /// <summary>From the end of one removal to the next.</summary>
    /// <param name="took">How long that one took.</param>
    /// <param name="isWanted">Whether room is wanting.</param>
    internal static TimeSpan IntervalAfter(TimeSpan took, bool isWanted)
    {
        if (!isWanted)
            return RemovalInterval;
        var rest = took * RestAfterRemoval;
        return rest < RemovalIntervalWithoutRoom ? RemovalIntervalWithoutRoom : rest > RemovalInterval ? RemovalInterval : rest;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (count, oldest) = await catalog.PendingAsync(cancellationToken);
        metrics.Pending(count, oldest);
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var usage = await retention.RunAsync(cancellationToken);
        if (usage.Removed > 0)
            LogRemoved(logger, usage.Removed);
        if (usage.Bytes > options.Value.RetentionBytes)
            LogOverLimit(logger, usage.Bytes, options.Value.RetentionBytes);
        var mayNoneGo = !space.HasRoom && usage.Removed == 0;
        if (mayNoneGo && !_isToldThatNoneMayGo)
            LogNoneMayGo(logger, options.Value.MinFreeBytes, usage.Bytes);
        _isToldThatNoneMayGo = mayNoneGo;
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(logger, failure);
        }
    }

    [LoggerMessage(1531, LogLevel.Information, "{Bytes} bytes of files were removed (Media:RetentionAge, Media:RetentionBytes, Media:MinFreeBytes).")]
    private static partial void LogRemoved(ILogger logger, long bytes);

    [LoggerMessage(1532, LogLevel.Warning, "Files take {Bytes} bytes, more than Media:RetentionBytes ({Limit}), and none of them may go: retained events or kept payloads refer to them, or they are new. "
        + "Raise it, or lower Log:RetentionAge.")]
    private static partial void LogOverLimit(ILogger logger, long bytes, long limit);

    [LoggerMessage(1534, LogLevel.Warning, "The disk of the data folder has less than {Reserve} bytes left (Media:MinFreeBytes), and none of the {Bytes} bytes of files may go: retained events or kept "
        + "payloads refer to them, or they are new. Give it a larger disk, or lower Log:RetentionAge or Log:RetentionBytes.")]
    private static partial void LogNoneMayGo(ILogger logger, long reserve, long bytes);

    [LoggerMessage(1533, LogLevel.Warning, "Files could not be looked after; tried again soon.")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
