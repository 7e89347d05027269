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

    private readonly Lazy<LogIdSource> _ids = new(() => new LogIdSource(time, HighestId(connections)));

    /// <summary>An id for a delivery that begins now.</summary>
    public long NewId() => _ids.Value.Next();

    /// <summary>Keeps what belongs together; completes when it is durable.</summary>
    /// <param name="write">What to keep. An attempt or an envelope needs its delivery.</param>
    /// <param name="cancellationToken">Ends the wait, not a write that has been taken.</param>
    /// <exception cref="ArgumentException">An attempt or an envelope without its delivery.</exception>
    /// <exception cref="SqliteException">Nothing of it was kept.</exception>
    public ValueTask WriteAsync(DeliveryWrite write, CancellationToken cancellationToken)
    {
        if (write.Delivery is null && (write.Attempt is not null || write.Envelope is not null))
            throw new ArgumentException("An attempt and an envelope are kept with their delivery.", nameof(write));
        return new ValueTask(writer.WriteAsync(session => DeliveryStatements.Keep(session, write), cancellationToken));
    }

    /// <summary>Ends all pending deliveries of an endpoint as cancelled, for it was deleted; how many they were.</summary>
    public async Task<int> CancelPendingAsync(long endpointId, CancellationToken cancellationToken)
    {
        var (now, cancelled) = (time.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        await writer.WriteAsync(session => cancelled = DeliveryStatements.CancelPending(session, endpointId, now), cancellationToken);
        return cancelled;
    }

    /// <summary>Pending deliveries that are due, those first that are due longest, with their events.</summary>
    public Task<IReadOnlyList<DueDelivery>> ReadDueAsync(long endpointId, DateTimeOffset until, int most, CancellationToken cancellationToken) => ReadAsync(
        $"""
        SELECT {DeliveryColumns.All}, p."Envelope" FROM webhook_deliveries d {OfPending} LEFT JOIN webhook_payloads p ON p."DeliveryId" = d."Id"
        WHERE d."EndpointId" = $endpoint AND d."Status" = 0 AND d."NextAttemptAtMilliseconds" <= $until
        ORDER BY d."NextAttemptAtMilliseconds", d."Id" LIMIT $most
        """,
        ReadWithEnvelope,
        cancellationToken,
        ("$endpoint", endpointId), ("$until", until.ToUnixTimeMilliseconds()), ("$most", most));

    /// <summary>Deliveries that somebody asked for once more, whatever became of them, oldest first, with their events.</summary>
    public Task<IReadOnlyList<DueDelivery>> ReadManualAsync(long endpointId, int most, CancellationToken cancellationToken) => ReadAsync(
        $"""
        SELECT {DeliveryColumns.All}, p."Envelope" FROM webhook_deliveries d {OfManual} LEFT JOIN webhook_payloads p ON p."DeliveryId" = d."Id"
        WHERE d."EndpointId" = $endpoint AND d."IsManual" = 1 ORDER BY d."Id" LIMIT $most
        """,
        ReadWithEnvelope,
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

    private static long HighestId(DeliveryConnections connections)
    {
        using var connection = connections.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT COALESCE(MAX("Id"), 0) FROM webhook_deliveries""";
        return (long)command.ExecuteScalar()!;
    }

    // SQLite reads in the caller's thread, whatever its methods are called: mostly from memory, and a few rows.
    private Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<SqliteDataReader, T> read, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var connection = connections.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return Task.FromResult<IReadOnlyList<T>>(rows);
    }
}
