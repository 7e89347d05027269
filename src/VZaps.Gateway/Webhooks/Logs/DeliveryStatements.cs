namespace VZaps.Gateway.Webhooks;

/// <summary>The statements by which deliveries are kept.</summary>
internal static class DeliveryStatements
{
    private const string Update = """
        UPDATE webhook_deliveries SET "Chat" = $chat, "Status" = $status, "Attempts" = $attempts, "HttpStatus" = $http, "NextAttemptAtMilliseconds" = $next,
            "SettledAtMilliseconds" = $settled, "IsManual" = CASE WHEN $ends THEN 0 ELSE "IsManual" OR $manual END,
            "IsHeld" = $held, "Bytes" = "Bytes" + $bytes
        WHERE "Id" = $id
        """;

    private const string Insert = """
        INSERT INTO webhook_deliveries ("Id", "EndpointId", "Sequence", "EventId", "TypeIndex", "Chat", "Status", "Attempts", "HttpStatus",
            "NextAttemptAtMilliseconds", "SettledAtMilliseconds", "IsManual", "IsHeld", "Bytes")
        VALUES ($id, $endpoint, $sequence, $event, $type, $chat, $status, $attempts, $http, $next, $settled, $manual, $held, $bytes)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertAttempt = """
        INSERT INTO webhook_attempts ("DeliveryId", "Number", "AtMilliseconds", "DurationMilliseconds", "Url", "RequestHeaders", "HttpStatus", "Response", "Error", "IsManual")
        VALUES ($id, (SELECT COALESCE(MAX("Number"), 0) + 1 FROM webhook_attempts WHERE "DeliveryId" = $id), $at, $duration, $url, $headers, $http, $response, $error, $manual)
        """;

    /// <summary>Keeps what a write has.</summary>
    /// <returns>False where the event has a delivery of another id, in which this was entered.</returns>
    public static bool Keep(WriterSession session, DeliveryWrite write)
    {
        var isOwn = write.Delivery is not { } delivery || TryKeepDelivery(session, delivery, write);
        if (!isOwn)
            Merge(session, write.Delivery!, write);
        if (write.Position is { } position)
        {
            session.Run(
                """UPDATE webhook_endpoints SET "Position" = $position WHERE "Id" = $id AND "Position" < $position""",
                ("$id", position.EndpointId), ("$position", position.Sequence));
        }

        return isOwn;
    }

    /// <summary>Gives deliveries that have no row one, pending and due at a time.</summary>
    public static void KeepBegun(WriterSession session, IReadOnlyList<DeliveryRow> begun, long dueMilliseconds)
    {
        foreach (var row in begun)
            session.AddToTotals(row.EndpointId, TryInsert(session, row with { NextAttemptAtMilliseconds = dueMilliseconds }, bytes: 0) ? 1 : 0, 0);
    }

    /// <summary>Ends all pending deliveries of an endpoint as cancelled, and whatever retries were asked for.</summary>
    /// <returns>How many were pending.</returns>
    public static int CancelPending(WriterSession session, long endpointId, long atMilliseconds)
    {
        session.Run(
            """UPDATE webhook_deliveries INDEXED BY "IX_webhook_deliveries_manual" SET "IsManual" = 0 WHERE "EndpointId" = $endpoint AND "IsManual" = 1""",
            ("$endpoint", endpointId));
        return session.Run(
            """
            UPDATE webhook_deliveries INDEXED BY "IX_webhook_deliveries_due" SET "Status" = 3, "NextAttemptAtMilliseconds" = NULL, "SettledAtMilliseconds" = $at, "IsHeld" = 0, "IsManual" = 0
            WHERE "EndpointId" = $endpoint AND "Status" = 0
            """,
            ("$endpoint", endpointId), ("$at", atMilliseconds));
    }

    /// <summary>Marks a delivery as one that is to be attempted once more; whether there is one.</summary>
    public static bool MarkManual(WriterSession session, long endpointId, long deliveryId) => session.Run(
        """
        UPDATE webhook_deliveries SET "IsManual" = 1
        WHERE "Id" = $id AND "EndpointId" = $endpoint AND EXISTS (SELECT 1 FROM webhook_endpoints WHERE "Id" = $endpoint AND "DeletedAtMilliseconds" IS NULL)
        """,
        ("$id", deliveryId), ("$endpoint", endpointId)) > 0;

    /// <summary>Enters an attempt in the delivery that its event has already. A success ends that one; a failure changes nothing of its schedule.</summary>
    private static void Merge(WriterSession session, DeliveryRow row, DeliveryWrite write)
    {
        // What the try has put there belongs to no delivery.
        session.Run("""DELETE FROM webhook_attempts WHERE "DeliveryId" = $id""", ("$id", row.Id));
        session.Run("""DELETE FROM webhook_payloads WHERE "DeliveryId" = $id""", ("$id", row.Id));
        var known = Find(session, row);
        var merged = row.Status == DeliveryStatus.Delivered ? row with { Id = known.Id, Chat = known.Chat, Attempts = known.Attempts } : known;
        TryKeepDelivery(session, merged, write);
    }

    private static DeliveryRow Find(WriterSession session, DeliveryRow row)
    {
        using var reader = session.Prepare(
            $"""SELECT {DeliveryColumns.All} FROM webhook_deliveries d WHERE d."EndpointId" = $endpoint AND d."Sequence" = $sequence""",
            ("$endpoint", row.EndpointId), ("$sequence", row.Sequence)).ExecuteReader();
        return reader.Read() ? DeliveryColumns.Read(reader) : throw new InvalidOperationException("The delivery that was in the way is gone, in the same transaction.");
    }

    /// <returns>False where the event has a delivery of another id.</returns>
    private static bool TryKeepDelivery(WriterSession session, DeliveryRow row, DeliveryWrite write)
    {
        var (attempt, bytes) = (write.Attempt, 0L);
        if (write.Envelope is { } payload)
        {
            var kept = session.Run(
                """INSERT INTO webhook_payloads ("DeliveryId", "Envelope") VALUES ($id, $envelope) ON CONFLICT DO NOTHING""",
                ("$id", row.Id), ("$envelope", payload.ToArray()));
            bytes += kept * payload.Length;
        }

        if (attempt is not null)
        {
            session.Run(
                InsertAttempt,
                ("$id", row.Id), ("$at", attempt.AtMilliseconds), ("$duration", attempt.DurationMilliseconds), ("$url", attempt.Url),
                ("$headers", attempt.RequestHeaders), ("$http", attempt.HttpStatus), ("$response", attempt.Response), ("$error", attempt.Error),
                ("$manual", attempt.IsManual));
            bytes += attempt.Bytes();
        }

        var isKnown = session.Run(
            Update,
            ("$id", row.Id), ("$chat", row.Chat), ("$status", (int)row.Status), ("$attempts", row.Attempts), ("$http", row.HttpStatus),
            ("$next", row.NextAttemptAtMilliseconds), ("$settled", row.SettledAtMilliseconds), ("$manual", row.IsManual), ("$ends", write.EndsManual), ("$held", row.IsHeld),
            ("$bytes", bytes)) > 0;
        if (!isKnown && !TryInsert(session, row, bytes))
            return false;
        session.AddToTotals(row.EndpointId, isKnown ? 0 : 1, bytes);
        return true;
    }

    private static bool TryInsert(WriterSession session, DeliveryRow row, long bytes) => session.Run(
        Insert,
        ("$id", row.Id), ("$endpoint", row.EndpointId), ("$sequence", row.Sequence), ("$event", row.EventId), ("$type", row.TypeIndex),
        ("$chat", row.Chat), ("$status", (int)row.Status), ("$attempts", row.Attempts), ("$http", row.HttpStatus),
        ("$next", row.NextAttemptAtMilliseconds), ("$settled", row.SettledAtMilliseconds), ("$manual", row.IsManual), ("$held", row.IsHeld),
        ("$bytes", bytes)) > 0;
}
