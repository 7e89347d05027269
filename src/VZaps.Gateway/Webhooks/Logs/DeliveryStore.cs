using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// The deliveries in the database: kept by one writer that commits in groups, read beside it. Thread-safe. Raw prepared commands, as each delivery
/// comes through here at least once.
/// </summary>
internal sealed class DeliveryStore(DeliveryConnections connections, DeliveryWriter writer, TimeProvider time)
{
    // Without statistics SQLite guesses, and a wrong guess goes through all logs of the endpoint for the few that are meant.
    private const string OfPending = "INDEXED BY \"IX_webhook_deliveries_due\"", OfManual = "INDEXED BY \"IX_webhook_deliveries_manual\"";

    // A read that failed is made again, and not remembered as what all ids come to.
    private readonly Lazy<LogIdSource> _ids = new(() => new LogIdSource(time, HighestId(connections)), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>An id for a delivery that begins now.</summary>
    public long NewId() => _ids.Value.Next();

    /// <summary>Keeps what belongs together; completes when it is durable.</summary>
    /// <param name="write">What to keep. An attempt or an envelope needs its delivery.</param>
    /// <param name="cancellationToken">Ends the wait, not a write that has been taken.</param>
    /// <returns>False where the event has a delivery of another id, in which this was entered.</returns>
    /// <exception cref="ArgumentException">An attempt or an envelope without its delivery.</exception>
    /// <exception cref="SqliteException">Nothing of it was kept.</exception>
    public async ValueTask<bool> WriteAsync(DeliveryWrite write, CancellationToken cancellationToken)
    {
        if (write.Delivery is null && (write.Attempt is not null || write.Envelope is not null))
            throw new ArgumentException("An attempt and an envelope are kept with their delivery.", nameof(write));
        var isOwn = true;
        await writer.WriteAsync(session => isOwn = DeliveryStatements.Keep(session, write), cancellationToken);
        return isOwn;
    }

    /// <summary>Gives deliveries whose first attempt is under way a row, so that a crash leaves them pending; those that have one keep it.</summary>
    public Task KeepBegunAsync(IReadOnlyList<DeliveryRow> begun, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(session => DeliveryStatements.KeepBegun(session, begun, now), cancellationToken);
    }

    /// <summary>Ends all pending deliveries of an endpoint as cancelled, for it was deleted; how many they were.</summary>
    public async Task<int> CancelPendingAsync(long endpointId, CancellationToken cancellationToken)
    {
        var (now, cancelled) = (time.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        await writer.WriteAsync(session => cancelled = DeliveryStatements.CancelPending(session, endpointId, now), cancellationToken);
        return cancelled;
    }

    /// <summary>The ids of pending deliveries that are due, those first that are due longest.</summary>
    public Task<IReadOnlyList<long>> ReadDueAsync(long endpointId, DateTimeOffset until, int most, CancellationToken cancellationToken) => ReadAsync(
        $"""
        SELECT "Id" FROM webhook_deliveries {OfPending} WHERE "EndpointId" = $endpoint AND "Status" = 0 AND "NextAttemptAtMilliseconds" <= $until
        ORDER BY "NextAttemptAtMilliseconds", "Id" LIMIT $most
        """,
        reader => reader.GetInt64(0),
        cancellationToken,
        ("$endpoint", endpointId), ("$until", until.ToUnixTimeMilliseconds()), ("$most", most));

    /// <summary>The ids of deliveries that somebody asked for once more, whatever became of them, oldest first.</summary>
    public Task<IReadOnlyList<long>> ReadManualAsync(long endpointId, int most, CancellationToken cancellationToken) => ReadAsync(
        $"""SELECT "Id" FROM webhook_deliveries {OfManual} WHERE "EndpointId" = $endpoint AND "IsManual" = 1 ORDER BY "Id" LIMIT $most""",
        reader => reader.GetInt64(0),
        cancellationToken,
        ("$endpoint", endpointId), ("$most", most));

    /// <summary>All pending deliveries of an endpoint in log order, without their events: what a start has to know.</summary>
    public Task<IReadOnlyList<DeliveryRow>> ReadPendingAsync(long endpointId, CancellationToken cancellationToken) => ReadAsync(
        $"""
        SELECT {DeliveryColumns.All} FROM webhook_deliveries d {OfPending} WHERE d."EndpointId" = $endpoint AND d."Status" = 0 ORDER BY d."Sequence"
        """,
        DeliveryColumns.Read,
        cancellationToken,
        ("$endpoint", endpointId));

    /// <summary>One delivery with its event; null where there is none.</summary>
    public async Task<DueDelivery?> FindAsync(long deliveryId, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(
            $"""
            SELECT {DeliveryColumns.All}, p."Envelope" FROM webhook_deliveries d LEFT JOIN webhook_payloads p ON p."DeliveryId" = d."Id" WHERE d."Id" = $id
            """,
            ReadWithEnvelope,
            cancellationToken,
            ("$id", deliveryId));
        return found is [var delivery] ? delivery : null;
    }

    /// <summary>When the first pending delivery behind a time is due; null where none is.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(long endpointId, DateTimeOffset after, CancellationToken cancellationToken)
    {
        var next = await ReadAsync<long?>(
            $"""SELECT MIN("NextAttemptAtMilliseconds") FROM webhook_deliveries {OfPending} WHERE "EndpointId" = $endpoint AND "Status" = 0 AND "NextAttemptAtMilliseconds" > $after""",
            reader => reader.IsDBNull(0) ? null : reader.GetInt64(0),
            cancellationToken,
            ("$endpoint", endpointId), ("$after", after.ToUnixTimeMilliseconds()));
        return next[0] is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>When the event of the oldest pending delivery was appended; null where none is pending.</summary>
    public async Task<DateTimeOffset?> OldestPendingAsync(long endpointId, CancellationToken cancellationToken)
    {
        var oldest = await ReadAsync(
            $"""SELECT "EventId" FROM webhook_deliveries {OfPending} WHERE "EndpointId" = $endpoint AND "Status" = 0 ORDER BY "Id" LIMIT 1""",
            reader => reader.GetString(0),
            cancellationToken,
            ("$endpoint", endpointId));
        return oldest is [var eventId] && EventPosition.TryParse(eventId, out var position) ? position.AppendedAt : null;
    }

    /// <summary>Marks a delivery as one that is to be attempted once more, whatever became of it.</summary>
    /// <returns>False where the endpoint has no such delivery.</returns>
    public async Task<bool> MarkManualAsync(long endpointId, long deliveryId, CancellationToken cancellationToken)
    {
        var isThere = false;
        await writer.WriteAsync(session => isThere = DeliveryStatements.MarkManual(session, endpointId, deliveryId), cancellationToken);
        return isThere;
    }

    /// <summary>The sequences behind a position that have a delivery: after a restart they are not begun again.</summary>
    public async Task<IReadOnlySet<long>> SequencesAfterAsync(long endpointId, long position, CancellationToken cancellationToken)
    {
        var sequences = await ReadAsync(
            """SELECT "Sequence" FROM webhook_deliveries WHERE "EndpointId" = $endpoint AND "Sequence" > $position""",
            reader => reader.GetInt64(0),
            cancellationToken,
            ("$endpoint", endpointId), ("$position", position));
        return sequences.ToHashSet();
    }

    /// <summary>The sequences behind one and up to another that have a delivery.</summary>
    public async Task<IReadOnlySet<long>> SequencesBetweenAsync(long endpointId, long after, long through, CancellationToken cancellationToken)
    {
        var sequences = await ReadAsync(
            """SELECT "Sequence" FROM webhook_deliveries WHERE "EndpointId" = $endpoint AND "Sequence" > $after AND "Sequence" <= $through""",
            reader => reader.GetInt64(0),
            cancellationToken,
            ("$endpoint", endpointId), ("$after", after), ("$through", through));
        return sequences.ToHashSet();
    }

    /// <summary>How many deliveries of an endpoint wait for a retry that somebody asked for.</summary>
    public async Task<int> CountManualAsync(long endpointId, CancellationToken cancellationToken)
    {
        var count = await ReadAsync(
            $"""SELECT COUNT(*) FROM webhook_deliveries {OfManual} WHERE "EndpointId" = $endpoint AND "IsManual" = 1""",
            reader => reader.GetInt32(0),
            cancellationToken,
            ("$endpoint", endpointId));
        return count[0];
    }

    /// <summary>How many deliveries of an endpoint are pending.</summary>
    public async Task<int> CountPendingAsync(long endpointId, CancellationToken cancellationToken)
    {
        var count = await ReadAsync(
            $"""SELECT COUNT(*) FROM webhook_deliveries {OfPending} WHERE "EndpointId" = $endpoint AND "Status" = 0""",
            reader => reader.GetInt32(0),
            cancellationToken,
            ("$endpoint", endpointId));
        return count[0];
    }

    private static DueDelivery ReadWithEnvelope(SqliteDataReader reader) => new(
        DeliveryColumns.Read(reader), reader.IsDBNull(DeliveryColumns.Count) ? null : reader.GetFieldValue<byte[]>(DeliveryColumns.Count));

    private static long HighestId(DeliveryConnections connections) =>
        connections.Read("""SELECT COALESCE(MAX("Id"), 0) FROM webhook_deliveries""", reader => reader.GetInt64(0))[0];

    // SQLite reads in the caller's thread, whatever its methods are called: mostly from memory, and a few rows.
    private Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<SqliteDataReader, T> read, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<T>>(connections.Read(sql, read, parameters));
    }
}
