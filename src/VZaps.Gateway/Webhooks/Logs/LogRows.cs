using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Webhooks;

/// <summary>Single rows, for whoever knows which. For one thread, in the transaction of its connection.</summary>
internal sealed class LogRows(SqliteConnection connection)
{
    /// <summary>The endpoints of an instance by id; those that were deleted too.</summary>
    public Dictionary<long, LogEndpoint> EndpointsOf(InstanceId instance, string? name)
    {
        using var command = Command(
            """SELECT "Id", "Name", "BodyKind", "DeletedAtMilliseconds" IS NOT NULL FROM webhook_endpoints WHERE "Instance" = $instance AND ($name IS NULL OR "Name" = $name)""",
            ("$instance", instance.Value), ("$name", (object?)name ?? DBNull.Value));
        using var reader = command.ExecuteReader();
        var endpoints = new Dictionary<long, LogEndpoint>();
        while (reader.Read())
            endpoints[reader.GetInt64(0)] = new LogEndpoint(reader.GetInt64(0), reader.GetString(1), (WebhookBodyKind)reader.GetInt32(2), reader.GetBoolean(3));
        return endpoints;
    }

    public DeliveryRow? Find(long id)
    {
        using var command = Command($"""SELECT {DeliveryColumns.All} FROM webhook_deliveries d WHERE d."Id" = $id""", ("$id", id));
        return DeliveryColumns.ReadAll(command) is [var row] ? row : null;
    }

    /// <summary>An endpoint's delivery of an event.</summary>
    public DeliveryRow? Find(long endpointId, long sequence)
    {
        using var command = Command(
            $"""SELECT {DeliveryColumns.All} FROM webhook_deliveries d WHERE d."EndpointId" = $endpoint AND d."Sequence" = $sequence""",
            ("$endpoint", endpointId), ("$sequence", sequence));
        return DeliveryColumns.ReadAll(command) is [var row] ? row : null;
    }

    public FoundLog WithAttempts(DeliveryRow delivery, LogEndpoint endpoint)
    {
        using var command = Command(
            """
            SELECT "Number", "AtMilliseconds", "DurationMilliseconds", "Url", "RequestHeaders", "HttpStatus", "Response", "Error", "IsManual"
            FROM webhook_attempts WHERE "DeliveryId" = $id ORDER BY "Number"
            """,
            ("$id", delivery.Id));
        using var reader = command.ExecuteReader();
        var attempts = new List<AttemptRow>();
        while (reader.Read())
        {
            attempts.Add(new AttemptRow
            {
                DeliveryId = delivery.Id,
                Number = reader.GetInt32(0),
                AtMilliseconds = reader.GetInt64(1),
                DurationMilliseconds = reader.GetInt64(2),
                Url = reader.GetString(3),
                RequestHeaders = reader.GetString(4),
                HttpStatus = reader.IsDBNull(5) ? null : reader.GetInt32(5),
                Response = reader.IsDBNull(6) ? null : reader.GetString(6),
                Error = reader.IsDBNull(7) ? null : reader.GetString(7),
                IsManual = reader.GetBoolean(8),
            });
        }

        return new FoundLog(delivery, endpoint, attempts);
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
