using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>
/// Removes files beyond a limit of bytes, the oldest first. A file is as old as the newest of its rows, and goes with all of them or not at all: rows that others outlive
/// free nothing. The sum is kept while they go, so the store is not asked again.
/// </summary>
internal sealed class OldestFiles(IDbContextFactory<GatewayDatabase> databases, IMediaStore store)
{
    private const int PageRows = 500;

    /// <summary>Removes them.</summary>
    /// <param name="usage">What files take.</param>
    /// <param name="limit">Bytes that they may take.</param>
    /// <param name="keptBefore">What was kept since may be about to be referred to, and stays.</param>
    /// <param name="referred">What of the rest stays.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>What files take now.</returns>
    public async Task<MediaUsage> RemoveAsync(MediaUsage usage, long limit, DateTimeOffset keptBefore, ReferredSince referred, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (turns, before) = (new Dictionary<string, Turn>(StringComparer.Ordinal), keptBefore.ToUnixTimeMilliseconds());
        var (lastTime, lastId) = (long.MinValue, "");
        while (usage.Bytes > limit)
        {
            var page = await database.Set<MediaRow>().AsNoTracking()
                .Where(row => row.Sha256 != null && row.CreatedAtMilliseconds < before
                    && (row.CreatedAtMilliseconds > lastTime || (row.CreatedAtMilliseconds == lastTime && row.Id.CompareTo(lastId) > 0)))
                .OrderBy(row => row.CreatedAtMilliseconds).ThenBy(row => row.Id).Take(PageRows)
                .Select(row => new { row.Id, row.CreatedAtMilliseconds, Sha256 = row.Sha256!, row.Size }).ToListAsync(cancellationToken);
            if (page.Count == 0)
                break;
            await AddTurnsAsync(database, [.. page.Select(row => row.Sha256).Where(hash => !turns.ContainsKey(hash)).Distinct()], turns, before, referred, cancellationToken);
            var (going, excess) = (new Dictionary<string, long>(StringComparer.Ordinal), usage.Bytes - limit);
            foreach (var row in page)
            {
                // Behind it goes on where one of these stays or is not there after all.
                if (excess <= 0)
                    break;
                (lastTime, lastId) = (row.CreatedAtMilliseconds, row.Id);
                if (turns.TryGetValue(row.Sha256, out var turn) && row.CreatedAtMilliseconds >= turn.At && going.TryAdd(row.Sha256, row.Size ?? 0))
                    excess -= row.Size ?? 0;
            }

            usage = await RemoveAsync(database, going, usage, keptBefore, referred, cancellationToken);
            // Those that no further page has need not be remembered: most have one row.
            foreach (var row in page)
            {
                if (turns.TryGetValue(row.Sha256, out var turn) && turn.Rows == 1)
                    turns.Remove(row.Sha256);
            }
        }

        return usage;
    }

    /// <summary>Finds out when it is the turn of files.</summary>
    private static async Task AddTurnsAsync(
        GatewayDatabase database, List<string> hashes, Dictionary<string, Turn> turns, long before, ReferredSince referred, CancellationToken cancellationToken)
    {
        var all = await database.Set<MediaRow>().Where(row => row.Sha256 != null && hashes.Contains(row.Sha256))
            .GroupBy(row => new { row.Sha256, row.Instance })
            .Select(rows => new { Sha256 = rows.Key.Sha256!, rows.Key.Instance, Newest = rows.Max(row => row.CreatedAtMilliseconds), Rows = rows.Count() }).ToListAsync(cancellationToken);
        foreach (var ofFile in all.GroupBy(rows => rows.Sha256, StringComparer.Ordinal))
        {
            var mayGo = ofFile.All(rows => rows.Newest < before && rows.Newest < referred.Of(rows.Instance));
            turns[ofFile.Key] = new Turn(mayGo ? ofFile.Max(rows => rows.Newest) : long.MaxValue, ofFile.Sum(rows => rows.Rows));
        }
    }

    /// <summary>Removes files with their rows; one that has got another row meanwhile, or was kept anew, stays.</summary>
    private async Task<MediaUsage> RemoveAsync(
        GatewayDatabase database, Dictionary<string, long> going, MediaUsage usage, DateTimeOffset keptBefore, ReferredSince referred, CancellationToken cancellationToken)
    {
        if (going.Count == 0)
            return usage;
        var (hashes, before) = (going.Keys.ToList(), keptBefore.ToUnixTimeMilliseconds());
        // So many at a time, as events with files wait meanwhile. What a row has to be to go is asked of each once more: one that was pending until now may have become one of these.
        while (true)
        {
            var page = await database.Set<MediaRow>().Where(row => row.Sha256 != null && hashes.Contains(row.Sha256) && row.CreatedAtMilliseconds < before)
                .OrderBy(row => row.Sha256).Take(PageRows).Select(row => new { row.Id, row.Instance, row.CreatedAtMilliseconds }).ToListAsync(cancellationToken);
            var rows = page.Where(row => row.CreatedAtMilliseconds < referred.Of(row.Instance)).Select(row => row.Id).ToList();
            if (rows.Count == 0)
                break;
            await database.Set<MediaRow>().Where(row => rows.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
        }

        var wanted = await database.WithRowsAsync(hashes, cancellationToken);
        foreach (var (hash, bytes) in going)
        {
            if (!wanted.Contains(hash) && await store.RemoveAsync(hash, keptBefore, cancellationToken))
                usage = usage.Without(bytes);
        }

        return usage;
    }

    /// <summary>When a file goes.</summary>
    /// <param name="At">With the rows of this time, in Unix milliseconds, or never.</param>
    /// <param name="Rows">How many it has.</param>
    private readonly record struct Turn(long At, int Rows);
}
