using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Http;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary>Asks for the retry of all that a filter lets through, page by page. A job that a stop breaks off goes on after the next start. Thread-safe.</summary>
internal sealed partial class RetryJobs(
    IDbContextFactory<GatewayDatabase> databases,
    LogSearch logs,
    IManualRetries retries,
    UnattemptedEvents unattempted,
    TimeProvider time,
    ILogger<RetryJobs> logger) : BackgroundService
{
    /// <summary>Most jobs that work at a time; those that wait for room at an endpoint do not count.</summary>
    public const int MaxAtOnce = 4;

    /// <summary>How often a job may break off, one time after the other, before it has failed.</summary>
    public const int MaxBreaks = 5;

    private const int PageSize = 200;
    private static readonly TimeSpan RoomInterval = TimeSpan.FromSeconds(1);

    // Longer each time.
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepEndedFor = TimeSpan.FromDays(7);

    // Else two that come at once would both find none that runs.
    private readonly SemaphoreSlim _beginning = new(1);

    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    // Bounded by the instances, as each has one job at a time.
    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>();

    /// <summary>Begins a job.</summary>
    /// <exception cref="ProblemException">409: the instance has one that runs.</exception>
    public Task<RetryJobRow> BeginAsync(InstanceId instance, LogSearchRequest request, CancellationToken cancellationToken) =>
        _beginning.InTurnAsync(() => BeginInTurnAsync(instance, request, cancellationToken), cancellationToken);

    private async Task<RetryJobRow> BeginInTurnAsync(InstanceId instance, LogSearchRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var forgotten = (now - KeepEndedFor).ToUnixTimeMilliseconds();
        await database.Set<RetryJobRow>().Where(job => job.EndedAtMilliseconds < forgotten).ExecuteDeleteAsync(cancellationToken);
        if (await database.Set<RetryJobRow>().FirstOrDefaultAsync(job => job.Instance == instance.Value && job.State == (int)RetryJobState.Running, cancellationToken) is { } running)
            throw RetryJobProblems.Running(running.Id).ToException();
        var row = new RetryJobRow
        {
            Id = "whj_" + Guid.CreateVersion7(now).ToString("N"),
            Instance = instance.Value,
            Filter = JsonSerializer.Serialize(request, WireJson.Options),
            CreatedAtMilliseconds = now.ToUnixTimeMilliseconds(),
            UpdatedAtMilliseconds = now.ToUnixTimeMilliseconds(),
        };
        database.Add(row);
        await database.SaveChangesAsync(cancellationToken);
        _waiting.Writer.TryWrite(row.Id);
        return row;
    }

    /// <summary>A job of an instance; null where it has none of that id.</summary>
    public async Task<RetryJobRow?> FindAsync(InstanceId instance, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<RetryJobRow>().AsNoTracking().FirstOrDefaultAsync(job => job.Id == id && job.Instance == instance.Value, cancellationToken);
    }

    public override void Dispose()
    {
        _beginning.Dispose();
        _places.Dispose();
        base.Dispose();
    }

    /// <summary>Ends a job that runs; one that has ended stays as it is. Null where the instance has none of that id.</summary>
    public async Task<RetryJobRow?> CancelAsync(InstanceId instance, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(instance, id, cancellationToken) is null)
            return null;
        await EndAsync(id, RetryJobState.Cancelled);
        return await FindAsync(instance, id, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (var database = await databases.CreateDbContextAsync(stoppingToken))
        {
            foreach (var id in await database.Set<RetryJobRow>().Where(job => job.State == (int)RetryJobState.Running).Select(job => job.Id).ToListAsync(stoppingToken))
                _waiting.Writer.TryWrite(id);
        }

        // By id: one that was begun while the table was read comes twice.
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        try
        {
            await foreach (var id in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                foreach (var (ended, _) in running.Where(job => job.Value.IsCompleted).ToList())
                    running.Remove(ended);
                if (!running.ContainsKey(id))
                    running.Add(id, RunToEndAsync(id, stoppingToken));
            }
        }
        finally
        {
            await Task.WhenAll(running.Values);
        }
    }

    /// <summary>Runs a job to its end. While it waits, it is in nobody's way.</summary>
    private async Task RunToEndAsync(string id, CancellationToken stoppingToken)
    {
        var (progress, breaks) = (new UnattemptedProgress(), 0);
        try
        {
            while (true)
            {
                try
                {
                    if (await _places.InTurnAsync(() => RunAsync(id, progress, stoppingToken), stoppingToken))
                        return;
                    breaks = 0;
                    await Task.Delay(RoomInterval, time, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    if (++breaks >= MaxBreaks && await TryFailAsync(id, exception))
                        return;
                    LogBroken(logger, exception, id);
                    await Task.Delay(AgainAfter * breaks, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; the job goes on after the next start.
        }
    }

    private async Task<bool> TryFailAsync(string id, Exception exception)
    {
        try
        {
            await EndAsync(id, RetryJobState.Failed);
            LogFailed(logger, exception, id, MaxBreaks);
            return true;
        }
        catch (Exception unkept)
        {
            LogBroken(logger, unkept, id);
            return false;
        }
    }

    /// <returns>Whether it has ended; else it waits for room at an endpoint.</returns>
    private async Task<bool> RunAsync(string id, UnattemptedProgress progress, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<RetryJobRow>().FindAsync([id], cancellationToken) is not { State: (int)RetryJobState.Running } job)
            return true;
        var instance = InstanceId.Parse(job.Instance);
        var request = WireJson.Parse<LogSearchRequest>(System.Text.Encoding.UTF8.GetBytes(job.Filter));
        var filter = Until(request.ToFilter(), DateTimeOffset.FromUnixTimeMilliseconds(job.CreatedAtMilliseconds));
        if (!await AskAllAsync(database, job, instance, filter, cancellationToken))
            return true;
        if (MayBeUnattempted(filter))
        {
            var step = await unattempted.BeginAsync(instance, filter, progress, cancellationToken);
            (job.Matched, job.Asked, job.Skipped) = (job.Matched + step.Begun + step.Skipped, job.Asked + step.Begun, job.Skipped + step.Skipped);
            job.UpdatedAtMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
            await database.SaveChangesAsync(cancellationToken);
            if (step.IsFull)
                return false;
        }

        await EndAsync(id, RetryJobState.Done);
        LogDone(logger, id, instance, job.Asked, job.Skipped);
        return true;
    }

    private async Task EndAsync(string id, RetryJobState state)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var database = await databases.CreateDbContextAsync();
        await database.Set<RetryJobRow>().Where(job => job.Id == id && job.State == (int)RetryJobState.Running).ExecuteUpdateAsync(job => job
            .SetProperty(row => row.State, (int)state).SetProperty(row => row.UpdatedAtMilliseconds, now).SetProperty(row => row.EndedAtMilliseconds, now));
    }

    /// <returns>False where it was ended meanwhile.</returns>
    private async Task<bool> AskAllAsync(GatewayDatabase database, RetryJobRow job, InstanceId instance, LogFilter filter, CancellationToken cancellationToken)
    {
        while (await logs.SearchAsync(instance, filter, new LogPlace(1, PageSize, job.Cursor ?? long.MaxValue), cancellationToken) is { Logs.Count: > 0 } page)
        {
            // Together, so that they are one commit; a delivery that is asked for twice, after a crash, is attempted once.
            var asked = await Task.WhenAll(page.Logs.Select(log =>
                log.Endpoint.IsDeleted ? Task.FromResult(false) : retries.AskAsync(log.Endpoint.Id, log.Delivery.Id, cancellationToken)));
            job.Matched += asked.Length;
            job.Asked += asked.Count(wasAsked => wasAsked);
            job.Skipped += asked.Count(wasAsked => !wasAsked);
            job.Cursor = page.Logs[^1].Delivery.Id;
            job.UpdatedAtMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
            await database.SaveChangesAsync(cancellationToken);
            if (!await database.Set<RetryJobRow>().AnyAsync(row => row.Id == job.Id && row.State == (int)RetryJobState.Running, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>What comes after the job was asked for is not among what it was asked for.</summary>
    private static LogFilter Until(LogFilter filter, DateTimeOffset created) => filter.To is { } to && to <= created ? filter : filter with { To = created };

    /// <summary>An event that was never attempted has no status, and is looked for only where it is said from when on.</summary>
    private static bool MayBeUnattempted(LogFilter filter) => filter is { Status: null, HttpStatus: null } && (filter.From is not null || filter.Sequence is not null);

    [LoggerMessage(2441, LogLevel.Information, "The retry {Job} of {InstanceId} is done: {Asked} retries were asked for, {Skipped} cannot be made.")]
    private static partial void LogDone(ILogger logger, string job, InstanceId instanceId, long asked, long skipped);

    [LoggerMessage(2442, LogLevel.Warning, "The retry {Job} broke off; it goes on in some seconds.")]
    private static partial void LogBroken(ILogger logger, Exception exception, string job);

    [LoggerMessage(2443, LogLevel.Error, "The retry {Job} has failed: it broke off {Breaks} times, one after the other. What it had asked for by then is retried.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string job, int breaks);
}
