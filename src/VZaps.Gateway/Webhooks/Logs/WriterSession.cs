using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Webhooks;

/// <summary>The writer's connection with its prepared commands, and what a transaction changes of the totals. For one thread at a time.</summary>
internal sealed class WriterSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (long Logs, long Bytes)> _totals = [];
    private SqliteTransaction? _transaction;

    public WriterSession(DeliveryConnections connections) => _connection = connections.OpenWriter();

    /// <summary>Begins a transaction that may write from its first statement.</summary>
    public void Begin() => _transaction = _connection.BeginTransaction(deferred: false);

    /// <summary>Makes the transaction durable.</summary>
    public void Commit()
    {
        foreach (var (endpoint, change) in _totals.Where(total => total.Value != default))
        {
            Run(
                """
                INSERT INTO webhook_log_totals ("EndpointId", "Logs", "Bytes") VALUES ($endpoint, $logs, $bytes)
                ON CONFLICT ("EndpointId") DO UPDATE SET "Logs" = "Logs" + $logs, "Bytes" = "Bytes" + $bytes
                """,
                ("$endpoint", endpoint), ("$logs", change.Logs), ("$bytes", change.Bytes));
        }

        _totals.Clear();
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    /// <summary>The logs of an endpoint become more or fewer, with this transaction.</summary>
    public void AddToTotals(long endpointId, long logs, long bytes)
    {
        var total = _totals.GetValueOrDefault(endpointId);
        _totals[endpointId] = (total.Logs + logs, total.Bytes + bytes);
    }

    /// <summary>Runs a statement; how many rows it changed.</summary>
    /// <param name="sql">The statement: one of a few, each is prepared once.</param>
    /// <param name="parameters">All of its parameters.</param>
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    /// <summary>A prepared statement with its parameters, to be read; good until it is asked for again.</summary>
    public SqliteCommand Prepare(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            _commands[sql] = command;
        }

        command.Transaction = _transaction;
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        return command;
    }

    /// <summary>Ends an open transaction as if it had not been.</summary>
    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        _transaction?.Dispose();
        _connection.Dispose();
    }
}
