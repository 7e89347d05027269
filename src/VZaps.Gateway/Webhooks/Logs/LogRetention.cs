namespace VZaps.Gateway.Webhooks;

/// <summary>How much of the logs is kept.</summary>
/// <param name="Age">How long a log is kept once it is settled.</param>
/// <param name="CountPerInstance">Most logs of one instance.</param>
/// <param name="Bytes">Most bytes of all attempts and payloads together.</param>
internal readonly record struct LogLimits(TimeSpan Age, long CountPerInstance, long Bytes);

/// <summary>What a trim removed.</summary>
internal readonly record struct LogsRemoved(long ByAge, long ByCount, long ByBytes, long PayloadBytes, long OfDeleted);

/// <summary>
/// Removes logs by age, count and bytes, the oldest first, and those of what was deleted. A pending delivery is never taken, nor one whose retry was
/// asked for: they are owed. For one caller at a time.
/// </summary>
internal sealed class LogRetention(RetentionRows rows, DeliveryWriter writer, LogLimits limits, TimeProvider time)
{
    /// <summary>Most deleted endpoints of an instance whose logs are kept; beyond, the ones that were deleted first go.</summary>
    public const int MaxDeletedEndpoints = 64;

    private long _bytes;
    private bool _isFull;

    /// <summary>Bytes of all logs, as of the last trim.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether what is pending alone takes more than is allowed: then nothing new is to begin until some of it is settled.</summary>
    public bool IsFull => Volatile.Read(ref _isFull);

    /// <summary>Removes what is not to be kept.</summary>
    /// <param name="exists">Whether there is an instance of that id.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    public async Task<LogsRemoved> TrimAsync(Func<string, bool> exists, CancellationToken cancellationToken)
    {
        var ofDeleted = await RemoveDeletedAsync(exists, cancellationToken);
        var byAge = await RemoveAsync(after => rows.SettledBefore(time.GetUtcNow() - limits.Age, after), long.MaxValue, cancellationToken);
        var byCount = await TrimToCountAsync(cancellationToken);
        var payloadBytes = await TrimPayloadsAsync(cancellationToken);
        var byBytes = await TrimToBytesAsync(cancellationToken);
        await RemoveEmptyTombstonesAsync(cancellationToken);
        Volatile.Write(ref _bytes, rows.Bytes());
        Volatile.Write(ref _isFull, Bytes > limits.Bytes);
        return new LogsRemoved(byAge, byCount, byBytes, payloadBytes, ofDeleted);
    }

    private async Task<long> RemoveDeletedAsync(Func<string, bool> exists, CancellationToken cancellationToken)
    {
        var endpoints = rows.Endpoints();
        var gone = endpoints.Where(endpoint => !endpoint.HasRow || !exists(endpoint.Instance)).ToList();
        var tooMany = endpoints.Where(endpoint => endpoint.DeletedAtMilliseconds is not null)
            .GroupBy(endpoint => endpoint.Instance, StringComparer.Ordinal)
            .SelectMany(ofInstance => ofInstance.OrderByDescending(endpoint => endpoint.DeletedAtMilliseconds).ThenByDescending(endpoint => endpoint.Id).Skip(MaxDeletedEndpoints));
        var removed = 0L;
        foreach (var endpoint in gone.Union(tooMany))
        {
            while (rows.AnyOf(endpoint.Id) is { Count: > 0 } ids)
            {
                await writer.WriteAsync(session => LogRemovals.Remove(session, ids, all: true), cancellationToken);
                removed += ids.Count;
            }

            await writer.WriteAsync(session => LogRemovals.RemoveEndpoint(session, endpoint.Id), cancellationToken);
        }

        foreach (var instance in gone.Select(endpoint => endpoint.Instance).Distinct(StringComparer.Ordinal))
            await writer.WriteAsync(session => LogRemovals.RemoveJobs(session, instance), cancellationToken);
        return removed;
    }

    private async Task<long> TrimToCountAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var ofInstance in rows.Endpoints().GroupBy(endpoint => endpoint.Instance, StringComparer.Ordinal))
        {
            var excess = ofInstance.Sum(endpoint => endpoint.Logs) - limits.CountPerInstance;
            if (excess > 0)
                removed += await RemoveAsync(after => rows.SettledOf(ofInstance.Select(endpoint => endpoint.Id), after), excess, cancellationToken);
        }

        return removed;
    }

    /// <summary>The copies of events go first: as long as the event log has the event, a log loses nothing by it.</summary>
    private async Task<long> TrimPayloadsAsync(CancellationToken cancellationToken)
    {
        var (excess, after, removed) = (rows.Bytes() - limits.Bytes, 0L, 0L);
        while (removed < excess && rows.SettledPayloads(after) is { Count: > 0 } ids)
        {
            var bytes = 0L;
            await writer.WriteAsync(session => bytes = LogRemovals.RemovePayloads(session, ids), cancellationToken);
            (removed, after) = (removed + bytes, ids[^1]);
        }

        return removed;
    }

    private async Task<long> TrimToBytesAsync(CancellationToken cancellationToken)
    {
        var (excess, after, logs) = (rows.Bytes() - limits.Bytes, 0L, 0L);
        while (excess > 0 && rows.Settled(after, long.MaxValue) is { Count: > 0 } ids)
        {
            var removed = (Logs: 0, Bytes: 0L);
            await writer.WriteAsync(session => removed = LogRemovals.Remove(session, ids, all: false), cancellationToken);
            (excess, after, logs) = (excess - removed.Bytes, ids[^1], logs + removed.Logs);
        }

        return logs;
    }

    private async Task RemoveEmptyTombstonesAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in rows.Endpoints().Where(endpoint => endpoint is { DeletedAtMilliseconds: not null, Logs: 0 }))
            await writer.WriteAsync(session => LogRemovals.RemoveEndpoint(session, endpoint.Id), cancellationToken);
    }

    /// <summary>Removes logs batch by batch, as many as are asked for at most; what a batch leaves behind is not looked at again.</summary>
    private async Task<long> RemoveAsync(Func<long, IReadOnlyList<long>> next, long most, CancellationToken cancellationToken)
    {
        var (after, removed) = (0L, 0L);
        while (removed < most && next(after) is { Count: > 0 } ids)
        {
            ids = [.. ids.Take((int)Math.Min(ids.Count, most - removed))];
            var logs = 0;
            await writer.WriteAsync(session => logs = LogRemovals.Remove(session, ids, all: false).Logs, cancellationToken);
            (removed, after) = (removed + logs, ids[^1]);
        }

        return removed;
    }
}
