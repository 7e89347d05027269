using Microsoft.Data.Sqlite;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary>Connections for raw commands on the deliveries' tables. Thread-safe.</summary>
internal sealed class DeliveryConnections(DataFolder folder)
{
    private readonly string _pooled = ConnectionString(folder, pooling: true), _single = ConnectionString(folder, pooling: false);

    /// <summary>A connection for reading, out of a pool.</summary>
    public SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(_pooled);
        connection.Open();
        return connection;
    }

    /// <summary>What a query finds.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="read">Makes one of each row.</param>
    /// <param name="parameters">Its parameters.</param>
    public List<T> Read<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var connection = OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>A connection whose commits are on the disk when they return.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(_single);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            // The wait for another writer is SQLite's own, which begins with a millisecond; the driver's is 150 at a time.
            command.CommandText = "PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string ConnectionString(DataFolder folder, bool pooling) =>
        new SqliteConnectionStringBuilder { DataSource = folder.PathOf(GatewayDatabase.FileName), Pooling = pooling }.ConnectionString;
}
