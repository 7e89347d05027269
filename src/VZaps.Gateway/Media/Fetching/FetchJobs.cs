using Microsoft.Extensions.Options;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>
/// Fetches what is pending, so many at a time. The jobs are the rows: a process that is killed loses an attempt and nothing else. Thread-safe.
/// </summary>
internal sealed partial class FetchJobs(
    MediaCatalog catalog, MediaFetch fetch, FreeSpace space, MediaWaiters waiters, MediaMetrics metrics, IOptions<MediaOptions> options, TimeProvider time, ILogger<FetchJobs> logger) : BackgroundService
{
    // Wakes are hints: what one did not tell of is found at the next look.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1), AfterFailure = TimeSpan.FromSeconds(5), UntilRoom = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly RetrySchedule _schedule = new(options.Value.RetrySchedule);
    private readonly ToldOnce _tokenless = new();

    // Touched by the loop alone.
    private readonly Dictionary<string, (string Instance, Task Task)> _running = new(StringComparer.Ordinal);
    private string _lastInstance = "";

    /// <summary>There may be something due.</summary>
    public void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
        catch (Exception late) when (late is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke it, or it has ended.
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not before the rest has started.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = AfterFailure;
            try
            {
                wait = await StartDueAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                LogFailed(logger, failure);
            }

            try
            {
                await _wake.WaitAsync(wait, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(_running.Values.Select(job => job.Task));
    }

    /// <summary>Starts what is due and has room; how long until there is something again.</summary>
    private async Task<TimeSpan> StartDueAsync(CancellationToken stoppingToken)
    {
        foreach (var (id, _) in _running.Where(job => job.Value.Task.IsCompleted).ToList())
            _running.Remove(id);
        // An attempt that the disk would fail is none.
        if (!space.HasRoom)
            return UntilRoom;
        // The end of one wakes the loop.
        while (_running.Count < options.Value.FetchesAtOnce)
        {
            // In turn, so that the backlogs of a few instances hold up nobody longer than until one of their files has ended.
            var full = _running.Values.GroupBy(job => job.Instance, StringComparer.Ordinal).Where(jobs => jobs.Count() >= options.Value.FetchesAtOncePerInstance).Select(jobs => jobs.Key).ToList();
            // One time for both questions: what becomes due in between is the next one's.
            var now = time.GetUtcNow();
            var due = await catalog.DueAsync(now, _lastInstance, [.. _running.Keys], full, options.Value.FetchesAtOnce - _running.Count, stoppingToken);
            if (due.Count == 0)
                return UntilNext(await catalog.NextAttemptAsync(now, stoppingToken));
            foreach (var row in due)
                Start(row, stoppingToken);
            _lastInstance = due[^1].Instance;
        }

        return LongestWait;
    }

    private TimeSpan UntilNext(DateTimeOffset? next)
    {
        var until = next - time.GetUtcNow();
        return until is not { } wait || wait > LongestWait ? LongestWait : wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
    }

    private void Start(MediaRow row, CancellationToken stoppingToken)
    {
        var job = Task.Run(() => RunAsync(row, stoppingToken), CancellationToken.None);
        _running[row.Id] = (row.Instance, job);
        _ = WakeAfterAsync(job);
    }

    /// <summary>Wakes the loop once a job has ended: while it is only about to, the loop would find it running, and wait.</summary>
    private async Task WakeAfterAsync(Task job)
    {
        await job.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Wake();
    }

    private async Task RunAsync(MediaRow row, CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        try
        {
            var fetched = await fetch.RunAsync(row, stoppingToken);
            if (await catalog.StoredAsync(row.ParsedId, fetched.Content, fetched.ContentType, stoppingToken))
                metrics.Fetched(row.Source, fetched.Content.Bytes, time.GetElapsedTime(began));
            else
                metrics.FetchedForNothing(row.Source);
            if (row.CloudId is not null)
                _tokenless.Forget(row.Instance);
        }
        catch (MediaFailedException failed)
        {
            await FailAsync(row, failed.Failure, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops; the row says that it is due.
        }
        catch (Exception failure)
        {
            LogFailed(logger, failure);
            // A bug, or a database that takes nothing: not again at once.
            await FailAsync(row, new MediaFailure("media_internal_error", "The gateway failed at it; its log has the reason."), stoppingToken);
        }
        finally
        {
            waiters.Changed(row.ParsedId);
        }
    }

    private async Task FailAsync(MediaRow row, MediaFailure failure, CancellationToken stoppingToken)
    {
        try
        {
            var next = failure.IsFinal ? null : _schedule.Next(row.Attempts + 1, time.GetUtcNow(), failure.RetryAfter, Random.Shared.NextDouble());
            if (!await catalog.FailedAsync(row, failure, next, stoppingToken))
            {
                metrics.FetchedForNothing(row.Source);
                return;
            }

            metrics.NotFetched(row.Source, isLast: next is null);
            Tell(row, failure, isLast: next is null);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It is due at the next start.
        }
        catch (Exception unsaved)
        {
            LogFailed(logger, unsaved);
            // Its row still says that it is due: nobody else is called in a loop for that.
            await Task.Delay(AfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Tell(MediaRow row, MediaFailure failure, bool isLast)
    {
        if (failure.Code == MediaFailures.TokenMissing.Code)
        {
            if (_tokenless.IsFirst(row.Instance))
                LogNoToken(logger, row.Instance);
            return;
        }

        if (row.CloudId is not null)
            _tokenless.Forget(row.Instance);
        if (isLast)
            LogGaveUp(logger, row.Id, row.Instance, failure.Code, failure.Message, failure.Detail);
    }

    [LoggerMessage(1514, LogLevel.Warning, "The Cloud API source of {InstanceId} has no access token: the files of its messages are not fetched (media_token_missing), and its events are as they were. "
        + "Set its access_token; POST /instances/{{id}}/media/fetch then fetches them. Logged once, until there is a token.")]
    private static partial void LogNoToken(ILogger logger, string instanceId);

    [LoggerMessage(1511, LogLevel.Warning, "File {Media} of {InstanceId} could not be fetched ({Code}): {Reason} {Detail} Its event is as it was; POST /media/{{id}}/fetch tries again.")]
    private static partial void LogGaveUp(ILogger logger, string media, string instanceId, string code, string reason, string detail);

    [LoggerMessage(1512, LogLevel.Error, "Fetching files failed; it goes on in a moment.")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
