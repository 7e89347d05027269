using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Webhooks;

/// <summary>A delivery's row to and from raw commands, which are some ten times as fast here as the tracking of changes.</summary>
internal static class DeliveryColumns
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string All = """
        d."Id", d."EndpointId", d."Sequence", d."EventId", d."TypeIndex", d."Chat", d."Status", d."Attempts", d."HttpStatus",
        d."NextAttemptAtMilliseconds", d."SettledAtMilliseconds", d."IsManual", d."IsHeld"
        """;

    /// <summary>How many they are.</summary>
    public const int Count = 13;

    public static DeliveryRow Read(SqliteDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        EndpointId = reader.GetInt64(1),
        Sequence = reader.GetInt64(2),
        EventId = reader.GetString(3),
        TypeIndex = reader.GetByte(4),
        Chat = reader.IsDBNull(5) ? null : reader.GetString(5),
        Status = (DeliveryStatus)reader.GetByte(6),
        Attempts = reader.GetInt32(7),
        HttpStatus = reader.IsDBNull(8) ? null : reader.GetInt32(8),
        NextAttemptAtMilliseconds = reader.IsDBNull(9) ? null : reader.GetInt64(9),
        SettledAtMilliseconds = reader.IsDBNull(10) ? null : reader.GetInt64(10),
        IsManual = reader.GetBoolean(11),
        IsHeld = reader.GetBoolean(12),
    };

    /// <summary>Reads all that a command gives.</summary>
    public static List<DeliveryRow> ReadAll(SqliteCommand command)
    {
        var rows = new List<DeliveryRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
            rows.Add(Read(reader));
        return rows;
    }
}
