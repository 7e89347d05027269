using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace VZaps.Gateway.Storage;

/// <summary>Opens each SQLite connection so that a commit is on the disk when it returns.</summary>
internal sealed class DurableConnections : DbConnectionInterceptor
{
    // synchronous is a connection's own setting and not the file's; FULL flushes the write-ahead log at each commit.
    // The write-ahead log itself is the file's setting; the upgrade of the tables makes it.
    // Who waits for the one writer that the file may have asks again after a millisecond at first, and not after the driver's 150.
    private const string Settings = "PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = Settings;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
