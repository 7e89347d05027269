using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>
/// Removes files by age, by bytes, and for want of room; one that a retained event or a kept payload refers to stays. First the rows go, then the files that no row has: a
/// crash in between leaves a file that the next run finds.
/// </summary>
internal sealed class MediaRetention(
    IDbContextFactory<GatewayDatabase> databases, IMediaStore store, OldestFiles oldest, FreeSpace space, Lazy<IEventLog> log, IKeptSince kept, CatalogStart start, MediaMetrics metrics,
    IOptions<MediaOptions> options, TimeProvider time)
{
    private const int PageRows = 500;

    /// <summary>Runs once.</summary>
    /// <returns>Bytes that went, and what is left.</returns>
    public async Task<MediaUsage> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // What was kept since may still get its row.
        var keptBefore = now - ReferredSince.Slack;
        var referred = new ReferredSince(log, await kept.OldestByInstanceAsync(cancellationToken));
        await RemoveRowsAsync(now - options.Value.RetentionAge, referred, cancellationToken);
        var (usage, earlier) = await RemoveFilesAsync(now - options.Value.RetentionAge, keptBefore, referred, cancellationToken);
        var limit = Math.Min(options.Value.RetentionBytes, usage.Bytes - space.Look());
        foreach (var file in earlier.OrderBy(file => file.KeptAt))
        {
            if (usage.Bytes > limit && await store.RemoveAsync(file.Sha256, keptBefore, cancellationToken))
                usage = usage.Without(file.Bytes);
        }

        usage = await oldest.RemoveAsync(usage, limit, keptBefore, referred, cancellationToken);
        metrics.Removed(usage.Removed);
        metrics.Stored(usage.Files, usage.Bytes);
        return usage;
    }

    /// <summary>Removes rows that are older than a time and that nothing retained refers to.</summary>
    private async Task RemoveRowsAsync(DateTimeOffset olderThan, ReferredSince referred, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var limit = olderThan.ToUnixTimeMilliseconds();
        var (lastTime, lastId) = (long.MinValue, "");
        while (true)
        {
            var page = await database.Set<MediaRow>().AsNoTracking()
                .Where(row => row.CreatedAtMilliseconds < limit
                    && (row.CreatedAtMilliseconds > lastTime || (row.CreatedAtMilliseconds == lastTime && row.Id.CompareTo(lastId) > 0)))
                .OrderBy(row => row.CreatedAtMilliseconds).ThenBy(row => row.Id).Take(PageRows)
                .Select(row => new { row.Id, row.Instance, row.CreatedAtMilliseconds }).ToListAsync(cancellationToken);
            if (page.Count == 0)
                return;
            (lastTime, lastId) = (page[^1].CreatedAtMilliseconds, page[^1].Id);
            var going = page.Where(row => row.CreatedAtMilliseconds < referred.Of(row.Instance)).Select(row => row.Id).ToList();
            if (going.Count > 0)
                await database.Set<MediaRow>().Where(row => going.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
        }
    }

    /// <summary>Removes files that no row has: those of this version soon, as they belong to nothing, and those of versions without rows by their age.</summary>
    /// <returns>What is left, and those of versions without rows that may go for their bytes.</returns>
    private async Task<(MediaUsage Usage, List<StoredFile> Earlier)> RemoveFilesAsync(
        DateTimeOffset olderThan, DateTimeOffset keptBefore, ReferredSince referred, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (usage, earlier) = (default(MediaUsage), new List<StoredFile>());
        await foreach (var page in store.ListAsync(cancellationToken).Chunk(PageRows).WithCancellation(cancellationToken))
        {
            var wanted = await database.WithRowsAsync([.. page.Where(file => file.KeptAt < keptBefore).Select(file => file.Sha256)], cancellationToken);
            foreach (var file in page)
            {
                usage = usage.With(file.Bytes);
                if (file.KeptAt >= keptBefore || wanted.Contains(file.Sha256))
                    continue;
                var isEarlier = file.KeptAt < start.At;
                if (isEarlier && file.KeptAt >= referred.WithoutRow)
                    continue;
                if (isEarlier && file.KeptAt >= olderThan)
                    earlier.Add(file);
                else if (await store.RemoveAsync(file.Sha256, keptBefore, cancellationToken))
                    usage = usage.Without(file.Bytes);
            }
        }

        return (usage, earlier);
    }
}
