using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>
/// Removes files by age and by bytes; one that a retained event or a kept payload refers to stays. First the rows go, then the files that no row has: a crash in between leaves
/// a file that the next run finds.
/// </summary>
internal sealed class MediaRetention(
    IDbContextFactory<GatewayDatabase> databases, IMediaStore store, Lazy<IEventLog> log, IKeptSince kept, CatalogStart start, MediaMetrics metrics, IOptions<MediaOptions> options, TimeProvider time)
{
    private const int PageRows = 500;

    /// <summary>From a file's row to the append of its event, and from a file's bytes to its row, it takes no longer.</summary>
    internal static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    /// <summary>Runs once.</summary>
    /// <returns>Bytes that went, and what is left.</returns>
    public async Task<MediaUsage> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await RemoveRowsAsync(now - options.Value.RetentionAge, atMostBytes: long.MaxValue, cancellationToken);
        var usage = await RemoveFilesAsync(now, cancellationToken);
        while (usage.Bytes > options.Value.RetentionBytes
            && await RemoveRowsAsync(now - Slack, usage.Bytes - options.Value.RetentionBytes, cancellationToken) > 0)
        {
            var after = await RemoveFilesAsync(now, cancellationToken);
            usage = after with { Removed = usage.Removed + after.Removed };
        }

        metrics.Removed(usage.Removed);
        metrics.Stored(usage.Files, usage.Bytes);
        return usage;
    }

    /// <summary>Removes rows that are older than a time and that nothing retained refers to, the oldest first, until so many bytes are theirs.</summary>
    /// <returns>How many.</returns>
    private async Task<int> RemoveRowsAsync(DateTimeOffset olderThan, long atMostBytes, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (removed, bytes, limit) = (0, 0L, olderThan.ToUnixTimeMilliseconds());
        var keptSince = await kept.OldestByInstanceAsync(cancellationToken);
        var retainedSince = new Dictionary<string, long>(StringComparer.Ordinal);
        var (lastTime, lastId) = (long.MinValue, "");
        while (bytes < atMostBytes)
        {
            var page = await database.Set<MediaRow>().AsNoTracking()
                .Where(row => row.CreatedAtMilliseconds < limit
                    && (row.CreatedAtMilliseconds > lastTime || (row.CreatedAtMilliseconds == lastTime && row.Id.CompareTo(lastId) > 0)))
                .OrderBy(row => row.CreatedAtMilliseconds).ThenBy(row => row.Id).Take(PageRows)
                .Select(row => new { row.Id, row.Instance, row.CreatedAtMilliseconds, row.Sha256, row.Size }).ToListAsync(cancellationToken);
            if (page.Count == 0)
                break;
            (lastTime, lastId) = (page[^1].CreatedAtMilliseconds, page[^1].Id);
            var going = new List<string>();
            foreach (var row in page)
            {
                if (row.CreatedAtMilliseconds >= RetainedSince(retainedSince, keptSince, row.Instance) || bytes >= atMostBytes)
                    continue;
                going.Add(row.Id);
                bytes += row.Sha256 is null ? 0 : row.Size ?? 0;
            }

            removed += await database.Set<MediaRow>().Where(row => going.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
        }

        return removed;
    }

    /// <summary>Rows of an instance that were made before this have no retained event, and no kept payload.</summary>
    private long RetainedSince(Dictionary<string, long> known, Dictionary<string, DateTimeOffset> keptSince, string instance)
    {
        if (known.TryGetValue(instance, out var since))
            return since;
        var id = InstanceId.Parse(instance);
        var oldest = log.Value.FindNext(id, EventTypeSet.All, log.Value.GetRange(id).FirstSequence - 1);
        var (ofEvents, ofKept) = (oldest?.AppendedAt ?? DateTimeOffset.MaxValue, keptSince.GetValueOrDefault(instance, DateTimeOffset.MaxValue));
        return known[instance] = ((ofEvents < ofKept ? ofEvents : ofKept) - Slack).ToUnixTimeMilliseconds();
    }

    /// <summary>Removes files that no row has: those of this version soon, as they belong to nothing; those of versions without rows by their age, and beyond the
    /// limit of bytes the oldest of them.</summary>
    private async Task<MediaUsage> RemoveFilesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // What was kept since may still get its row.
        var (usage, before, keptBefore) = (default(MediaUsage), new List<StoredFile>(), now - Slack);
        await foreach (var page in store.ListAsync(cancellationToken).Chunk(PageRows).WithCancellation(cancellationToken))
        {
            var old = page.Where(file => file.KeptAt < keptBefore).Select(file => file.Sha256).ToList();
            var wanted = await WithRowsAsync(old, cancellationToken);
            foreach (var file in page)
            {
                usage = usage with { Files = usage.Files + 1, Bytes = usage.Bytes + file.Bytes };
                if (file.KeptAt >= keptBefore || wanted.Contains(file.Sha256))
                    continue;
                if (file.KeptAt < start.At && file.KeptAt >= now - options.Value.RetentionAge)
                    before.Add(file);
                else
                    usage = await RemoveAsync(file, usage);
            }
        }

        foreach (var file in before.OrderBy(file => file.KeptAt))
        {
            if (usage.Bytes <= options.Value.RetentionBytes)
                break;
            usage = await RemoveAsync(file, usage);
        }

        return usage;

        async Task<MediaUsage> RemoveAsync(StoredFile file, MediaUsage sofar) => await store.RemoveAsync(file.Sha256, keptBefore, cancellationToken)
            ? new MediaUsage(sofar.Files - 1, sofar.Bytes - file.Bytes, sofar.Removed + file.Bytes)
            : sofar;
    }

    private async Task<HashSet<string>> WithRowsAsync(List<string> hashes, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<MediaRow>().Where(row => row.Sha256 != null && hashes.Contains(row.Sha256)).Select(row => row.Sha256!).Distinct().ToListAsync(cancellationToken);
        return [.. found];
    }
}

/// <summary>What files take.</summary>
/// <param name="Files">How many there are.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Removed">Bytes that went.</param>
internal readonly record struct MediaUsage(int Files, long Bytes, long Removed);
