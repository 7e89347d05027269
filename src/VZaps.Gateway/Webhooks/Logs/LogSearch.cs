using Microsoft.Data.Sqlite;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary>Where a page begins, and how many logs it has.</summary>
/// <param name="Page">The page, from 1; without regard where <paramref name="After"/> is given.</param>
/// <param name="Size">Logs a page.</param>
/// <param name="After">The page follows the log of this id; null for one by its number.</param>
internal readonly record struct LogPlace(int Page, int Size, long? After);

/// <summary>A log: a delivery with its attempts.</summary>
internal sealed record FoundLog(DeliveryRow Delivery, LogEndpoint Endpoint, IReadOnlyList<AttemptRow> Attempts);

/// <summary>An endpoint as its logs need it.</summary>
internal sealed record LogEndpoint(long Id, string Name, WebhookBodyKind BodyKind, bool IsDeleted);

/// <summary>A page of logs, newest first.</summary>
/// <param name="Logs">The logs.</param>
/// <param name="Total">How many the filter lets through; null where they were not counted.</param>
/// <param name="HasMore">Whether others follow.</param>
internal sealed record FoundLogs(IReadOnlyList<FoundLog> Logs, long? Total, bool HasMore);

/// <summary>Finds logs. A page <c>after</c> a log costs the same however many there are; one by its number costs what stands before it, and the count of all.
/// Thread-safe.</summary>
internal sealed class LogSearch(DeliveryConnections connections) : IDisposable
{
    /// <summary>Most searches at a time: they take a thread each.</summary>
    public const int MaxAtOnce = 4;

    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    /// <summary>A page of an instance's logs; null where the filter names an endpoint that the instance does not have.</summary>
    public Task<FoundLogs?> SearchAsync(InstanceId instance, LogFilter filter, LogPlace place, CancellationToken cancellationToken) =>
        InTurnAsync(connection => Search(connection, instance, filter, place, cancellationToken), cancellationToken);

    /// <summary>One log of an instance; null where it has none of that id.</summary>
    public Task<FoundLog?> FindAsync(InstanceId instance, long id, CancellationToken cancellationToken) => InTurnAsync(
        connection =>
        {
            var rows = new LogRows(connection);
            return rows.Find(id) is { } delivery && rows.EndpointsOf(instance, name: null).TryGetValue(delivery.EndpointId, out var endpoint)
                ? rows.WithAttempts(delivery, endpoint)
                : null;
        },
        cancellationToken);

    public void Dispose() => _places.Dispose();

    private static FoundLogs? Search(SqliteConnection connection, InstanceId instance, LogFilter filter, LogPlace place, CancellationToken cancellationToken)
    {
        var rows = new LogRows(connection);
        var endpoints = rows.EndpointsOf(instance, filter.Endpoint);
        if (filter.Endpoint is not null && endpoints.Count == 0)
            return null;
        var before = place.After is { } after ? Math.Min(after, filter.BeforeId) : filter.BeforeId;
        var skip = place.After is null ? (place.Page - 1L) * place.Size : 0;
        var (ids, total) = filter.Sequence is { } sequence
            ? PageOfEvent(rows, endpoints.Keys, sequence, filter, before, skip, place)
            : PageOfStreams(connection, endpoints.Keys, filter, before, skip, place, cancellationToken);
        // One more than asked for says whether there are more.
        var logs = ids.Take(place.Size).Select(id => rows.Find(id)!).Select(delivery => rows.WithAttempts(delivery, endpoints[delivery.EndpointId])).ToList();
        return new FoundLogs(logs, total, ids.Count > place.Size);
    }

    private static (List<long> Ids, long? Total) PageOfEvent(
        LogRows rows, IEnumerable<long> endpoints, long sequence, LogFilter filter, long before, long skip, LogPlace place)
    {
        var matching = endpoints.Select(endpoint => rows.Find(endpoint, sequence)).OfType<DeliveryRow>()
            .Where(filter.Matches).Select(row => row.Id).OrderDescending().ToList();
        var page = matching.Where(id => id < before).Skip((int)Math.Min(skip, matching.Count)).Take(place.Size + 1).ToList();
        return (page, place.After is null ? matching.Count : null);
    }

    private static (List<long> Ids, long? Total) PageOfStreams(
        SqliteConnection connection, IEnumerable<long> endpoints, LogFilter filter, long before, long skip, LogPlace place, CancellationToken cancellationToken)
    {
        var streams = LogStream.Split(filter, endpoints).Select(parts => new LogStream(connection, parts, filter.FromId, before)).ToList();
        long? total = null;
        if (place.After is null)
        {
            total = streams.Sum(stream => stream.Count());
            if (skip >= total)
                return ([], total);
        }

        var next = new PriorityQueue<LogStream, long>(streams.Count, Comparer<long>.Create((a, b) => b.CompareTo(a)));
        foreach (var stream in streams)
            Advance(next, stream);
        var ids = new List<long>(place.Size + 1);
        while (ids.Count <= place.Size && next.TryDequeue(out var newest, out var id))
        {
            Advance(next, newest);
            if (skip-- <= 0)
                ids.Add(id);
            else if (skip % 4_096 == 0)
                cancellationToken.ThrowIfCancellationRequested();
        }

        return (ids, total);
    }

    private static void Advance(PriorityQueue<LogStream, long> next, LogStream stream)
    {
        if (stream.TryNext(out var id))
            next.Enqueue(stream, id);
    }

    private Task<T> InTurnAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken) => _places.InTurnAsync(
        () => Task.Run(
            () =>
            {
                using var connection = connections.OpenReader();
                // One state for all statements: a log that goes between two of them would be a hole.
                using var transaction = connection.BeginTransaction(deferred: true);
                return read(connection);
            },
            cancellationToken),
        cancellationToken);
}
