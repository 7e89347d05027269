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
/// asked for: they are owed. Over the bytes, only those instances give way that have more than their share. For one caller at a time.
/// </summary>
internal sealed class LogRetention(RetentionRows rows, DeliveryWriter writer, LogLimits limits, TimeProvider time)
{
    /// <summary>Most deleted endpoints of an instance whose logs are kept; beyond, the ones that were deleted first go.</summary>
    public const int MaxDeletedEndpoints = 64;

    private long _bytes;
    private IReadOnlySet<long> _full = new HashSet<long>();

    /// <summary>Bytes of all logs, as of the last trim.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How many endpoints have more pending than the share of their instance has room for.</summary>
    public int FullEndpoints => Volatile.Read(ref _full).Count;

    /// <summary>Whether an endpoint is one of those: it is to begin nothing new until some of that is settled.</summary>
    public bool IsFullFor(long endpointId) => Volatile.Read(ref _full).Contains(endpointId);

    /// <summary>Removes what is not to be kept.</summary>
    /// <param name="exists">Whether there is an instance of that id.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    public async Task<LogsRemoved> TrimAsync(Func<string, bool> exists, CancellationToken cancellationToken)
    {
        var ofDeleted = await RemoveDeletedAsync(exists, cancellationToken);
        var byAge = await RemoveAsync(after => rows.SettledBefore(time.GetUtcNow() - limits.Age, after), long.MaxValue, cancellationToken);
        var byCount = await TrimToCountAsync(cancellationToken);
        var (byBytes, payloadBytes) = await TrimToBytesAsync(cancellationToken);
        await RemoveEmptyTombstonesAsync(cancellationToken);
        Volatile.Write(ref _bytes, rows.Bytes());
        Volatile.Write(ref _full, FindFull());
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

    /// <summary>Takes from those instances that have more than their share what they have above it. They keep half of it for what is settled, however much they have pending: that
    /// does not become less by it.</summary>
    private async Task<(long Logs, long PayloadBytes)> TrimToBytesAsync(CancellationToken cancellationToken)
    {
        var (instances, removed, payloadBytes) = (ByInstance(), 0L, 0L);
        var share = LogShares.Of(instances.Values.Select(BytesOf), limits.Bytes);
        foreach (var ofInstance in instances.Values.Where(endpoints => BytesOf(endpoints) > share))
        {
            var settled = BytesOf(ofInstance) - ofInstance.Sum(endpoint => rows.OwedBytes(endpoint.Id));
            var excess = Math.Min(BytesOf(ofInstance) - share, settled - (share / 2));
            var ids = ofInstance.Select(endpoint => endpoint.Id).ToList();
            var ofPayloads = await TrimPayloadsAsync(ids, excess, cancellationToken);
            payloadBytes += ofPayloads;
            removed += await TrimLogsAsync(ids, excess - ofPayloads, cancellationToken);
        }

        return (removed, payloadBytes);
    }

    /// <summary>The copies of events go first: as long as the event log has the event, a log loses nothing by it.</summary>
    private async Task<long> TrimPayloadsAsync(IReadOnlyList<long> endpointIds, long excess, CancellationToken cancellationToken)
    {
        var (after, removed) = (rows.OldestPayload() - 1, 0L);
        while (removed < excess && rows.SettledPayloadsOf(endpointIds, after) is { Count: > 0 } ids)
        {
            var bytes = 0L;
            await writer.WriteAsync(session => bytes = LogRemovals.RemovePayloads(session, ids), cancellationToken);
            (removed, after) = (removed + bytes, ids[^1]);
        }

        return removed;
    }

    private async Task<long> TrimLogsAsync(IReadOnlyList<long> endpointIds, long excess, CancellationToken cancellationToken)
    {
        var (after, logs) = (0L, 0L);
        while (excess > 0 && rows.SettledOf(endpointIds, after) is { Count: > 0 } ids)
        {
            var removed = (Logs: 0, Bytes: 0L);
            await writer.WriteAsync(session => removed = LogRemovals.Remove(session, ids, all: false), cancellationToken);
            (excess, after, logs) = (excess - removed.Bytes, ids[^1], logs + removed.Logs);
        }

        return logs;
    }

    /// <summary>The endpoints that have more pending than their part of the half of the share that is for it.</summary>
    private HashSet<long> FindFull()
    {
        var instances = ByInstance();
        var share = LogShares.Of(instances.Values.Select(BytesOf), limits.Bytes);
        return [.. instances.Values.Where(endpoints => BytesOf(endpoints) > share)
            .SelectMany(endpoints => endpoints.Where(endpoint => rows.OwedBytes(endpoint.Id) > share / 2 / endpoints.Count))
            .Select(endpoint => endpoint.Id)];
    }

    private Dictionary<string, List<EndpointTotals>> ByInstance() => rows.Endpoints().Where(endpoint => endpoint.Bytes > 0)
        .GroupBy(endpoint => endpoint.Instance, StringComparer.Ordinal).ToDictionary(of => of.Key, of => of.ToList(), StringComparer.Ordinal);

    private static long BytesOf(IEnumerable<EndpointTotals> endpoints) => endpoints.Sum(endpoint => endpoint.Bytes);

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
