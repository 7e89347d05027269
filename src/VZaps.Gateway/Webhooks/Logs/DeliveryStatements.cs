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
        """;

    private const string InsertAttempt = """
        INSERT INTO webhook_attempts ("DeliveryId", "Number", "AtMilliseconds", "DurationMilliseconds", "Url", "RequestHeaders", "HttpStatus", "Response", "Error", "IsManual")
        VALUES ($id, (SELECT COALESCE(MAX("Number"), 0) + 1 FROM webhook_attempts WHERE "DeliveryId" = $id), $at, $duration, $url, $headers, $http, $response, $error, $manual)
        """;

    /// <summary>Keeps what a write has.</summary>
    public static void Keep(WriterSession session, DeliveryWrite write)
    {
        if (write.Delivery is { } delivery)
            KeepDelivery(session, delivery, write);
        if (write.Position is { } position)
        {
            session.Run(
                """UPDATE webhook_endpoints SET "Position" = $position WHERE "Id" = $id AND "Position" < $position""",
                ("$id", position.EndpointId), ("$position", position.Sequence));
        }
    }

    /// <summary>Ends all pending deliveries of an endpoint as cancelled.</summary>
    public static int CancelPending(WriterSession session, long endpointId, long atMilliseconds) => session.Run(
        """
        UPDATE webhook_deliveries INDEXED BY "IX_webhook_deliveries_due" SET "Status" = 3, "NextAttemptAtMilliseconds" = NULL, "SettledAtMilliseconds" = $at, "IsHeld" = 0, "IsManual" = 0
        WHERE "EndpointId" = $endpoint AND "Status" = 0
        """,
        ("$endpoint", endpointId), ("$at", atMilliseconds));

    /// <summary>Marks a delivery as one that is to be attempted once more; whether there is one.</summary>
    public static bool MarkManual(WriterSession session, long endpointId, long deliveryId) => session.Run(
        """UPDATE webhook_deliveries SET "IsManual" = 1 WHERE "Id" = $id AND "EndpointId" = $endpoint""", ("$id", deliveryId), ("$endpoint", endpointId)) > 0;

    private static void KeepDelivery(WriterSession session, DeliveryRow row, DeliveryWrite write)
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
        if (!isKnown)
        {
            session.Run(
                Insert,
                ("$id", row.Id), ("$endpoint", row.EndpointId), ("$sequence", row.Sequence), ("$event", row.EventId), ("$type", row.TypeIndex),
                ("$chat", row.Chat), ("$status", (int)row.Status), ("$attempts", row.Attempts), ("$http", row.HttpStatus),
                ("$next", row.NextAttemptAtMilliseconds), ("$settled", row.SettledAtMilliseconds), ("$manual", row.IsManual), ("$held", row.IsHeld),
                ("$bytes", bytes));
        }

        session.AddToTotals(row.EndpointId, isKnown ? 0 : 1, bytes);
    }
}
