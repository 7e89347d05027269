using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Media;

/// <summary>What files need now and then: old ones removed, and figures of what is pending taken.</summary>
internal sealed partial class MediaUpkeep(
    MediaRetention retention, CatalogStart start, MediaCatalog catalog, MediaMetrics metrics, IOptions<MediaOptions> options, TimeProvider time, ILogger<MediaUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5), RemovalInterval = TimeSpan.FromMinutes(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first file comes in.
        await TryAsync(() => Task.FromResult(start.At));
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        long? removed = null;
        try
        {
            do
            {
                await TryAsync(() => LookAsync(stoppingToken));
                if (removed is { } last && time.GetElapsedTime(last) < RemovalInterval)
                    continue;
                await TryAsync(() => RemoveAsync(stoppingToken));
                removed = time.GetTimestamp();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
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

    [LoggerMessage(1531, LogLevel.Information, "{Bytes} bytes of files were removed (Media:RetentionAge, Media:RetentionBytes).")]
    private static partial void LogRemoved(ILogger logger, long bytes);

    [LoggerMessage(1532, LogLevel.Warning, "Files take {Bytes} bytes, more than Media:RetentionBytes ({Limit}), and retained events refer to all of them. Raise it, or lower Log:RetentionAge.")]
    private static partial void LogOverLimit(ILogger logger, long bytes, long limit);

    [LoggerMessage(1533, LogLevel.Warning, "Files could not be looked after; tried again soon.")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
