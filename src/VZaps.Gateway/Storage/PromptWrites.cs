using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace VZaps.Gateway.Storage;

/// <summary>
/// Writes for which a request waits: where somebody else writes to the file, they begin within a time or not at all, and hold no thread meanwhile. The driver would
/// ask for up to 30 s, and sleep on its caller's thread. One at a time, as the file has one writer. Thread-safe.
/// </summary>
internal sealed class PromptWrites(IDbContextFactory<GatewayDatabase> databases, TimeProvider time) : IDisposable
{
    private const int PrimaryCode = 0xff; // of a result, which may say more in its higher bits

    // Where those before it are written, at a flush each, the file takes writes: it waits for longer then, but not for ever.
    private const int QueueFactor = 10;

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private long _lastWrite = time.GetTimestamp();

    public void Dispose() => _turn.Dispose();

    /// <summary>Writes in a transaction of its own; durable when it returns.</summary>
    /// <param name="write">What is written, and how many rows of it. It begins no transaction.</param>
    /// <param name="within">How long it waits while nothing is written by this; ten times as long in all.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>What <paramref name="write"/> does.</returns>
    /// <exception cref="TimeoutException">It did not come to it in time; nothing was written.</exception>
    public async Task<int> RunAsync(Func<GatewayDatabase, Task<int>> write, TimeSpan within, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            using var late = new CancellationTokenSource(Left(began, within), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            try
            {
                return await _turn.InTurnAsync(
                    () =>
                    {
                        late.CancelAfter(Left(began, within));
                        return WriteAsync(write, either.Token);
                    },
                    either.Token);
            }
            catch (OperationCanceledException ended) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Where another one was written meanwhile, it waits on.
                if (Left(began, within) == TimeSpan.Zero)
                    throw new TimeoutException($"The database took no write for {within.TotalSeconds:0.###} s, as somebody else was writing to it, or too many were to be written before this one.", ended);
            }
        }
    }

    /// <summary>How much longer one may wait.</summary>
    private TimeSpan Left(long began, TimeSpan within)
    {
        var (ofThis, ofAll) = (within - time.GetElapsedTime(Math.Max(began, Volatile.Read(ref _lastWrite))), (within * QueueFactor) - time.GetElapsedTime(began));
        var left = ofThis < ofAll ? ofThis : ofAll;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task<int> WriteAsync(Func<GatewayDatabase, Task<int>> write, CancellationToken inTime)
    {
        await using var database = await databases.CreateDbContextAsync(inTime);
        await database.Database.OpenConnectionAsync(inTime);
        database.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        var file = ((SqliteConnection)database.Database.GetDbConnection()).Handle!;
        try
        {
            await BeginAsync(file, inTime);
            var rows = await write(database);
            Require(raw.sqlite3_exec(file, "COMMIT"), file);
            Volatile.Write(ref _lastWrite, time.GetTimestamp());
            return rows;
        }
        catch
        {
            // A failure such as a full disk may have done it by itself. The connection goes back to its pool, with nothing open.
            if (raw.sqlite3_get_autocommit(file) == 0)
                _ = raw.sqlite3_exec(file, "ROLLBACK");
            throw;
        }
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
    }

    private async Task BeginAsync(sqlite3 file, CancellationToken inTime)
    {
        // SQLite's own wait would hold the thread. The next who opens the connection sets it anew (DurableConnections).
        Require(raw.sqlite3_busy_timeout(file, 0), file);
        int result;
        while (((result = raw.sqlite3_exec(file, "BEGIN IMMEDIATE")) & PrimaryCode) == raw.SQLITE_BUSY)
            await Task.Delay(AskAgain, time, inTime);
        Require(result, file);
    }

    /// <exception cref="SqliteException">The result is a failure.</exception>
    private static void Require(int result, sqlite3 file) => SqliteException.ThrowExceptionForRC(result, file);
}
