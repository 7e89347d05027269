using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// The ids of one endpoint's logs that agree in every column of an index, newest first, as the index has them. A filter that leaves a column open is
/// several of these, one for each value of the column: so three indexes serve every filter, and a page costs what it shows and a seek a stream,
/// however many logs there are. Not thread-safe.
/// </summary>
internal sealed class LogStream
{
    private const int FirstRead = 64, LargestRead = 4_096;
    private readonly SqliteConnection _connection;
    private readonly Parts _parts;
    private readonly long _fromId;
    private readonly Queue<long> _read = [];
    private long _beforeId;
    private int _readNext = FirstRead;
    private bool _isAtEnd;

    public LogStream(SqliteConnection connection, Parts parts, long fromId, long beforeId) =>
        (_connection, _parts, _fromId, _beforeId) = (connection, parts, fromId, beforeId);

    /// <summary>What the ids agree in.</summary>
    internal readonly record struct Parts(long EndpointId, DeliveryStatus? Status, int? HttpStatus, byte? TypeIndex);

    /// <summary>The streams whose ids together are those that a filter lets through, whatever its event.</summary>
    public static IEnumerable<Parts> Split(LogFilter filter, IEnumerable<long> endpointIds)
    {
        foreach (var endpoint in endpointIds)
        {
            if (filter is { Status: null, HttpStatus: null, TypeIndex: null })
            {
                yield return new Parts(endpoint, null, null, null);
                continue;
            }

            for (var status = 0; status < DeliveryStatuses.Count; status++)
            {
                for (byte type = 0; type < EventTypeSet.TypeCount; type++)
                {
                    if ((filter.Status is null || (int)filter.Status == status) && (filter.TypeIndex is null || filter.TypeIndex == type))
                        yield return new Parts(endpoint, (DeliveryStatus)status, filter.HttpStatus, type);
                }
            }
        }
    }

    /// <summary>Takes the next id.</summary>
    public bool TryNext(out long id)
    {
        if (_read.Count == 0 && !_isAtEnd)
            Read();
        return _read.TryDequeue(out id);
    }

    /// <summary>How many ids there are: none of them is read for it, the index alone.</summary>
    public long Count()
    {
        using var command = Command(_connection, CountSql(_parts), _parts, _fromId, _beforeId);
        return (long)command.ExecuteScalar()!;
    }

    public static string CountSql(Parts parts) => "SELECT COUNT(*) " + From(parts);

    public static string ReadSql(Parts parts) => $"""SELECT "Id" {From(parts)} ORDER BY "Id" DESC LIMIT $most""";

    /// <summary>A statement with the values that it has of <paramref name="parts"/>.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string sql, Parts parts, long fromId, long beforeId)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$endpoint", parts.EndpointId);
        command.Parameters.AddWithValue("$from", fromId);
        command.Parameters.AddWithValue("$before", beforeId);
        if (parts.Status is { } status)
            command.Parameters.AddWithValue("$status", (int)status);
        if (parts.TypeIndex is { } type)
            command.Parameters.AddWithValue("$type", type);
        if (parts.HttpStatus is { } http)
            command.Parameters.AddWithValue("$http", http);
        return command;
    }

    // INDEXED BY: without statistics SQLite guesses, and a wrong guess here is a page that costs as much as there are logs.
    private static string From(Parts parts) => parts switch
    {
        { Status: null } => """
            FROM webhook_deliveries INDEXED BY "IX_webhook_deliveries_EndpointId"
            WHERE "EndpointId" = $endpoint AND "Id" >= $from AND "Id" < $before
            """,
        { HttpStatus: null } => """
            FROM webhook_deliveries INDEXED BY "IX_webhook_deliveries_EndpointId_Status_TypeIndex"
            WHERE "EndpointId" = $endpoint AND "Status" = $status AND "TypeIndex" = $type AND "Id" >= $from AND "Id" < $before
            """,
        _ => """
            FROM webhook_deliveries INDEXED BY "IX_webhook_deliveries_EndpointId_HttpStatus_Status_TypeIndex"
            WHERE "EndpointId" = $endpoint AND "HttpStatus" = $http AND "Status" = $status AND "TypeIndex" = $type AND "Id" >= $from AND "Id" < $before
            """,
    };

    private void Read()
    {
        using var command = Command(_connection, ReadSql(_parts), _parts, _fromId, _beforeId);
        command.Parameters.AddWithValue("$most", _readNext);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            _read.Enqueue(_beforeId = reader.GetInt64(0));
        _isAtEnd = _read.Count < _readNext;
        _readNext = Math.Min(_readNext * 2, LargestRead);
    }
}
