using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VZaps.Gateway.Storage;

/// <summary>Brings the database's tables up to this version.</summary>
internal sealed class SchemaUpgrade(DataFolder folder, IDbContextFactory<GatewayDatabase> databases)
{
    private const string LockFileName = "schema.lock";
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // SQLite would make the file with the process's own mask.
        await folder.OpenFile(GatewayDatabase.FileName, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite).DisposeAsync();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!(await database.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            return;

        // The server and the command line may both come first. EF has a lock of its own for that, a row in a table,
        // which outlives a killed process and would stop every start after it; a file's lock does not.
        await using var held = await TakeLockAsync(cancellationToken);
        await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        var history = database.GetService<IHistoryRepository>();
        if (await history.ExistsAsync(cancellationToken))
            await database.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await database.Database.MigrateAsync(cancellationToken);
    }

    private async Task<FileStream> TakeLockAsync(CancellationToken cancellationToken)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return folder.OpenFile(LockFileName, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(deadline) < Patience)
            {
                await Task.Delay(RetryInterval, cancellationToken);
            }
        }
    }
}
