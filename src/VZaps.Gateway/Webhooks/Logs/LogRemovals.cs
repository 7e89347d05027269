namespace VZaps.Gateway.Webhooks;

/// <summary>The statements by which logs go. Each runs in the writer's transaction, over a few hundred rows, so that no delivery waits long behind it.</summary>
internal static class LogRemovals
{
    /// <summary>Logs, or payloads, that one transaction removes.</summary>
    public const int Batch = 200;

    /// <summary>Removes logs with their attempts and payloads; those that are pending or asked for again stay, unless <paramref name="all"/>.</summary>
    /// <returns>How many went, and their bytes.</returns>
    public static (int Logs, long Bytes) Remove(WriterSession session, IReadOnlyList<long> ids, bool all)
    {
        var removed = (Logs: 0, Bytes: 0L);
        foreach (var id in ids)
        {
            if (RemoveRow(session, id, all) is not { } row)
                continue;
            session.Run("""DELETE FROM webhook_attempts WHERE "DeliveryId" = $id""", ("$id", id));
            session.Run("""DELETE FROM webhook_payloads WHERE "DeliveryId" = $id""", ("$id", id));
            session.AddToTotals(row.EndpointId, -1, -row.Bytes);
            removed = (removed.Logs + 1, removed.Bytes + row.Bytes);
        }

        return removed;
    }

    /// <summary>Removes payloads of logs that are settled.</summary>
    /// <returns>Their bytes.</returns>
    public static long RemovePayloads(WriterSession session, IReadOnlyList<long> ids)
    {
        var removed = 0L;
        foreach (var id in ids)
        {
            if (PayloadOf(session, id) is not { } payload)
                continue;
            session.Run("""DELETE FROM webhook_payloads WHERE "DeliveryId" = $id""", ("$id", id));
            session.Run("""UPDATE webhook_deliveries SET "Bytes" = "Bytes" - $bytes WHERE "Id" = $id""", ("$bytes", payload.Bytes), ("$id", id));
            session.AddToTotals(payload.EndpointId, 0, -payload.Bytes);
            removed += payload.Bytes;
        }

        return removed;
    }

    /// <summary>Removes the jobs of an instance that is gone.</summary>
    public static void RemoveJobs(WriterSession session, string instance) =>
        session.Run("""DELETE FROM webhook_jobs WHERE "Instance" = $instance""", ("$instance", instance));

    /// <summary>Removes an endpoint that has no logs any more.</summary>
    public static void RemoveEndpoint(WriterSession session, long endpointId)
    {
        session.Run("""DELETE FROM webhook_endpoints WHERE "Id" = $id""", ("$id", endpointId));
        session.Run("""DELETE FROM webhook_log_totals WHERE "EndpointId" = $id""", ("$id", endpointId));
    }

    private static (long EndpointId, long Bytes)? RemoveRow(WriterSession session, long id, bool all)
    {
        using var reader = session.Prepare(
            """DELETE FROM webhook_deliveries WHERE "Id" = $id AND ($all OR ("Status" <> 0 AND "IsManual" = 0)) RETURNING "EndpointId", "Bytes" """,
            ("$id", id), ("$all", all)).ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private static (long EndpointId, long Bytes)? PayloadOf(WriterSession session, long id)
    {
        using var reader = session.Prepare(
            """
            SELECT d."EndpointId", length(p."Envelope") FROM webhook_deliveries d JOIN webhook_payloads p ON p."DeliveryId" = d."Id"
            WHERE d."Id" = $id AND d."Status" <> 0 AND d."IsManual" = 0
            """,
            ("$id", id)).ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }
}
