using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Webhooks;

/// <summary>An endpoint with what its logs come to.</summary>
internal sealed record EndpointTotals(long Id, string Instance, bool HasRow, long? DeletedAtMilliseconds, long Logs, long Bytes);

/// <summary>What retention has to know, a few rows at a time. Thread-safe.</summary>
internal sealed class RetentionRows(DeliveryConnections connections)
{
    /// <summary>All endpoints, and those without a row whose logs are still there: a delivery was under way when its endpoint was removed.</summary>
    public IReadOnlyList<EndpointTotals> Endpoints() => connections.Read(
        """
        SELECT e."Id", e."Instance", 1, e."DeletedAtMilliseconds", COALESCE(t."Logs", 0), COALESCE(t."Bytes", 0)
        FROM webhook_endpoints e LEFT JOIN webhook_log_totals t ON t."EndpointId" = e."Id"
        UNION ALL
        SELECT t."EndpointId", '', 0, NULL, t."Logs", t."Bytes" FROM webhook_log_totals t WHERE t."EndpointId" NOT IN (SELECT "Id" FROM webhook_endpoints)
        """,
        reader => new EndpointTotals(
            reader.GetInt64(0), reader.GetString(1), reader.GetBoolean(2), reader.IsDBNull(3) ? null : reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5)));

    /// <summary>Bytes of all logs.</summary>
    public long Bytes() => connections.Read("""SELECT COALESCE(SUM("Bytes"), 0) FROM webhook_log_totals""", reader => reader.GetInt64(0))[0];

    /// <summary>The oldest logs behind an id that were settled before a time.</summary>
    public IReadOnlyList<long> SettledBefore(DateTimeOffset time, long afterId) => connections.Read(
        """
        SELECT "Id" FROM webhook_deliveries
        WHERE "Id" > $after AND "Id" < $before AND "Status" <> 0 AND "IsManual" = 0 AND "SettledAtMilliseconds" < $time ORDER BY "Id" LIMIT $most
        """,
        reader => reader.GetInt64(0),
        // What was settled before a time had begun by then.
        ("$after", afterId), ("$before", LogId.FirstOf(time)), ("$time", time.ToUnixTimeMilliseconds()), ("$most", LogRemovals.Batch));

    /// <summary>Whether there is an instance of that id.</summary>
    public bool HasInstance(string id) => connections.Read("""SELECT 1 FROM instances WHERE "Id" = $id""", reader => reader.GetInt64(0), ("$id", id)).Count > 0;

    /// <summary>The oldest settled logs of some endpoints behind an id.</summary>
    public IReadOnlyList<long> SettledOf(IEnumerable<long> endpointIds, long afterId) =>
        [.. endpointIds.SelectMany(endpoint => connections.Read(
            """
            SELECT "Id" FROM webhook_deliveries INDEXED BY "IX_webhook_deliveries_EndpointId"
            WHERE "EndpointId" = $endpoint AND "Id" > $after AND "Status" <> 0 AND "IsManual" = 0 ORDER BY "Id" LIMIT $most
            """,
            reader => reader.GetInt64(0),
            ("$endpoint", endpoint), ("$after", afterId), ("$most", LogRemovals.Batch))).Order().Take(LogRemovals.Batch)];

    /// <summary>Some logs of an endpoint, whatever became of them.</summary>
    public IReadOnlyList<long> AnyOf(long endpointId) => connections.Read(
        """SELECT "Id" FROM webhook_deliveries WHERE "EndpointId" = $endpoint LIMIT $most""",
        reader => reader.GetInt64(0),
        ("$endpoint", endpointId), ("$most", LogRemovals.Batch));

    /// <summary>The oldest log that has a payload; 0 where none has.</summary>
    public long OldestPayload() => connections.Read("""SELECT COALESCE(MIN("DeliveryId"), 0) FROM webhook_payloads""", reader => reader.GetInt64(0))[0];

    /// <summary>The oldest settled logs of some endpoints behind an id that have a payload.</summary>
    public IReadOnlyList<long> SettledPayloadsOf(IEnumerable<long> endpointIds, long afterId) =>
        [.. endpointIds.SelectMany(endpoint => connections.Read(
            """
            SELECT d."Id" FROM webhook_deliveries d INDEXED BY "IX_webhook_deliveries_EndpointId" CROSS JOIN webhook_payloads p ON p."DeliveryId" = d."Id"
            WHERE d."EndpointId" = $endpoint AND d."Id" > $after AND d."Status" <> 0 AND d."IsManual" = 0 ORDER BY d."Id" LIMIT $most
            """,
            reader => reader.GetInt64(0),
            ("$endpoint", endpoint), ("$after", afterId), ("$most", LogRemovals.Batch))).Order().Take(LogRemovals.Batch)];

    /// <summary>Bytes of an endpoint's logs that may not be taken: they are pending, or asked for again.</summary>
    public long OwedBytes(long endpointId) => connections.Read(
        """
        SELECT COALESCE((SELECT SUM("Bytes") FROM webhook_deliveries INDEXED BY "IX_webhook_deliveries_due" WHERE "EndpointId" = $endpoint AND "Status" = 0), 0)
            + COALESCE((SELECT SUM("Bytes") FROM webhook_deliveries INDEXED BY "IX_webhook_deliveries_manual" WHERE "EndpointId" = $endpoint AND "IsManual" = 1 AND "Status" <> 0), 0)
        """,
        reader => reader.GetInt64(0),
        ("$endpoint", endpointId))[0];
}
