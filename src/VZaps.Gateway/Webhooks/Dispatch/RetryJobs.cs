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
    private const int MaxAtOnce = 4, PageSize = 200;
    private static readonly TimeSpan KeepEndedFor = TimeSpan.FromDays(7);

    // Else two that come at once would both find none that runs.
    private readonly SemaphoreSlim _beginning = new(1);

    // Bounded by the instances, as each has one job at a time.
    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>();

    /// <summary>Begins a job.</summary>
    /// <exception cref="ProblemException">409: the instance has one that runs.</exception>
    public async Task<RetryJobRow> BeginAsync(InstanceId instance, LogSearchRequest request, CancellationToken cancellationToken)
    {
        await _beginning.WaitAsync(cancellationToken);
        try
        {
            return await BeginInTurnAsync(instance, request, cancellationToken);
        }
        finally
        {
            _beginning.Release();
        }
    }

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
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (var database = await databases.CreateDbContextAsync(stoppingToken))
        {
            foreach (var id in await database.Set<RetryJobRow>().Where(job => job.State == (int)RetryJobState.Running).Select(job => job.Id).ToListAsync(stoppingToken))
                _waiting.Writer.TryWrite(id);
        }

        await Task.WhenAll(Enumerable.Range(0, MaxAtOnce).Select(_ => WorkAsync(stoppingToken)));
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        await foreach (var id in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await RunAsync(id, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogBroken(logger, exception, id);
            }
        }
    }

    private async Task RunAsync(string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // A start finds those that were begun meanwhile, too.
        if (await database.Set<RetryJobRow>().FindAsync([id], cancellationToken) is not { State: (int)RetryJobState.Running } job)
            return;
        var instance = InstanceId.Parse(job.Instance);
        var request = WireJson.Parse<LogSearchRequest>(System.Text.Encoding.UTF8.GetBytes(job.Filter));
        var filter = Until(request.ToFilter(), DateTimeOffset.FromUnixTimeMilliseconds(job.CreatedAtMilliseconds));
        await AskAllAsync(database, job, instance, filter, cancellationToken);
        if (MayBeUnattempted(filter))
        {
            var begun = await unattempted.BeginAsync(instance, filter, cancellationToken);
            (job.Matched, job.Asked, job.Skipped) = (job.Matched + begun.Begun + begun.Skipped, job.Asked + begun.Begun, job.Skipped + begun.Skipped);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        (job.State, job.UpdatedAtMilliseconds, job.EndedAtMilliseconds) = ((int)RetryJobState.Done, now, now);
        await database.SaveChangesAsync(cancellationToken);
        LogDone(logger, id, instance, job.Asked, job.Skipped);
    }

    private async Task AskAllAsync(GatewayDatabase database, RetryJobRow job, InstanceId instance, LogFilter filter, CancellationToken cancellationToken)
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
        }
    }

    /// <summary>What comes after the job was asked for is not among what it was asked for.</summary>
    private static LogFilter Until(LogFilter filter, DateTimeOffset created) => filter.To is { } to && to <= created ? filter : filter with { To = created };

    /// <summary>An event that was never attempted has no status, and is looked for only where it is said from when on.</summary>
    private static bool MayBeUnattempted(LogFilter filter) => filter is { Status: null, HttpStatus: null } && (filter.From is not null || filter.Sequence is not null);

    [LoggerMessage(2441, LogLevel.Information, "The retry {Job} of {InstanceId} is done: {Asked} retries were asked for, {Skipped} cannot be made.")]
    private static partial void LogDone(ILogger logger, string job, InstanceId instanceId, long asked, long skipped);

    [LoggerMessage(2442, LogLevel.Error, "The retry {Job} broke off; it goes on after the next start.")]
    private static partial void LogBroken(ILogger logger, Exception exception, string job);
}
