using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Payloads that could not be mapped, each source's bounded by number, bytes and age. Thread-safe.</summary>
internal sealed class KeptPayloads(IDbContextFactory<GatewayDatabase> databases, IOptions<SourceOptions> options, TimeProvider time) : IKeptSince, IDisposable
{
    // SQLite has one writer in any case; here the bound is kept without a race.
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Keeps payloads of a source; durable when it returns. One that is kept already stays as it is.</summary>
    /// <returns>How many were new.</returns>
    public async Task<int> KeepAsync(Source source, IReadOnlyList<Unmappable> payloads)
    {
        await _writing.WaitAsync();
        try
        {
            await using var database = await databases.CreateDbContextAsync();
            var hashes = payloads.Select(payload => Convert.ToHexStringLower(SHA256.HashData(payload.Body.Span))).ToList();
            var known = (await database.Set<KeptRow>().Where(row => row.Source == source.Id && hashes.Contains(row.Hash)).Select(row => row.Hash).ToListAsync()).ToHashSet(StringComparer.Ordinal);
            var added = 0;
            for (var i = 0; i < payloads.Count; i++)
            {
                if (!known.Add(hashes[i]))
                    continue;
                database.Add(new KeptRow
                {
                    Source = source.Id,
                    Hash = hashes[i],
                    Reason = payloads[i].Reason,
                    Body = payloads[i].Body.ToArray(),
                    Bytes = payloads[i].Body.Length,
                    ReceivedAtMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
                });
                added++;
            }

            await database.SaveChangesAsync();
            await RemoveBeyondBoundAsync(database, source.Id);
            return added;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>A page of what is kept of a source, the newest first, with the bodies: <see cref="SourceOptions.KeptBytesPerSource"/> bounds them.</summary>
    /// <param name="source">The source.</param>
    /// <param name="before">Only what is older than this id; null for the newest.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(List<KeptRow> Rows, int Total)> ListAsync(Source source, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var all = database.Set<KeptRow>().AsNoTracking().Where(row => row.Source == source.Id);
        var page = await all.Where(row => before == null || row.Id < before).OrderByDescending(row => row.Id).Take(limit).ToListAsync(cancellationToken);
        return (page, await all.CountAsync(cancellationToken));
    }

    /// <summary>What is kept of a source, the oldest first: all of it, or one.</summary>
    public async Task<List<long>> IdsAsync(Source source, long? only, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<KeptRow>().Where(row => row.Source == source.Id && (only == null || row.Id == only)).OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(cancellationToken);
    }

    public async Task<KeptRow?> FindAsync(Source source, long id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<KeptRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Source == source.Id && row.Id == id, cancellationToken);
    }

    /// <summary>Removes one; false where it was gone already.</summary>
    public async Task<bool> RemoveAsync(Source source, long id)
    {
        await using var database = await databases.CreateDbContextAsync();
        return await database.Set<KeptRow>().Where(row => row.Source == source.Id && row.Id == id).ExecuteDeleteAsync() > 0;
    }

    public async Task<Dictionary<string, DateTimeOffset>> OldestByInstanceAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var oldest = await database.Set<KeptRow>()
            .Join(database.Set<SourceRow>(), row => row.Source, source => source.Id, (row, source) => new { source.Instance, row.ReceivedAtMilliseconds })
            .GroupBy(row => row.Instance).Select(rows => new { Instance = rows.Key, At = rows.Min(row => row.ReceivedAtMilliseconds) }).ToListAsync(cancellationToken);
        return oldest.ToDictionary(row => row.Instance, row => DateTimeOffset.FromUnixTimeMilliseconds(row.At), StringComparer.Ordinal);
    }

    /// <summary>Removes what is older than it may be.</summary>
    public async Task RemoveOldAsync(CancellationToken cancellationToken)
    {
        var oldest = (time.GetUtcNow() - options.Value.KeptAge).ToUnixTimeMilliseconds();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<KeptRow>().Where(row => row.ReceivedAtMilliseconds < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    public void Dispose() => _writing.Dispose();

    private async Task RemoveBeyondBoundAsync(GatewayDatabase database, string source)
    {
        var (rows, bytes, oldestKept) = (0, 0L, long.MaxValue);
        await foreach (var row in database.Set<KeptRow>().Where(row => row.Source == source).OrderByDescending(row => row.Id).Select(row => new { row.Id, row.Bytes }).AsAsyncEnumerable())
        {
            (rows, bytes) = (rows + 1, bytes + row.Bytes);
            if (rows > options.Value.KeptPerSource || (bytes > options.Value.KeptBytesPerSource && rows > 1))
                break;
            oldestKept = row.Id;
        }

        await database.Set<KeptRow>().Where(row => row.Source == source && row.Id < oldestKept).ExecuteDeleteAsync();
    }
}
