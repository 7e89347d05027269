using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>All files that events refer to, in the database. What is changed is durable when it returns. Thread-safe.</summary>
internal sealed class MediaCatalog(IDbContextFactory<GatewayDatabase> databases, PromptWrites writes, IOptions<MediaOptions> options, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Adds files, all or none. Their events wait for it.</summary>
    /// <exception cref="TimeoutException">Somebody else has been writing to the database for <see cref="MediaOptions.RegistrationTimeout"/>; none was added.</exception>
    public Task AddAsync(IReadOnlyList<MediaRow> rows, CancellationToken cancellationToken) => writes.RunAsync(
        database =>
        {
            database.AddRange(rows);
            return database.SaveChangesAsync(cancellationToken);
        },
        options.Value.RegistrationTimeout,
        cancellationToken);

    /// <summary>Takes files out again: their events were there already, or were refused. These answers wait for it.</summary>
    /// <exception cref="TimeoutException">As above; none was taken out.</exception>
    public Task RemoveAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => writes.RunAsync(
        database => database.Set<MediaRow>().Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken),
        options.Value.RegistrationTimeout,
        cancellationToken);

    public async Task<MediaRow?> FindAsync(MediaId id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<MediaRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id.Value, cancellationToken);
    }

    /// <summary>Those of some hashes of which the instance got a file since a time.</summary>
    public async Task<HashSet<string>> AddedSinceAsync(DateTimeOffset since, InstanceId instance, IReadOnlyList<string> hashes, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var first = since.ToUnixTimeMilliseconds();
        var found = await database.Set<MediaRow>()
            .Where(row => row.Instance == instance.Value && row.Sha256 != null && hashes.Contains(row.Sha256) && row.CreatedAtMilliseconds >= first)
            .Select(row => row.Sha256!).ToListAsync(cancellationToken);
        return found.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>A page of an instance's files, the newest first.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="statuses">Which; empty for all.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">At most so many, and one more, which tells that there is another page.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public async Task<List<MediaRow>> ListAsync(
        InstanceId instance, IReadOnlyList<MediaStatus> statuses, MediaRow? after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = database.Set<MediaRow>().AsNoTracking().Where(row => row.Instance == instance.Value);
        if (statuses.Count > 0)
            rows = rows.Where(row => statuses.Contains(row.Status));
        if (after is not null)
        {
            rows = rows.Where(row => row.CreatedAtMilliseconds < after.CreatedAtMilliseconds
                || (row.CreatedAtMilliseconds == after.CreatedAtMilliseconds && row.Id.CompareTo(after.Id) < 0));
        }

        return await rows.OrderByDescending(row => row.CreatedAtMilliseconds).ThenByDescending(row => row.Id).Take(limit + 1).ToListAsync(cancellationToken);
    }

    /// <summary>A file is there.</summary>
    /// <returns>False where the row is gone, or no longer pending.</returns>
    public async Task<bool> StoredAsync(MediaId id, FileReference content, string contentType, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = Now;
        return await database.Set<MediaRow>().Where(row => row.Id == id.Value && row.Status == MediaStatus.Pending).ExecuteUpdateAsync(
            row => row.SetProperty(r => r.Status, MediaStatus.Stored).SetProperty(r => r.Sha256, content.Sha256).SetProperty(r => r.Size, content.Bytes)
                .SetProperty(r => r.ContentType, contentType).SetProperty(r => r.StoredAtMilliseconds, now).SetProperty(r => r.Attempts, r => r.Attempts + 1)
                .SetProperty(r => r.NextAttemptAtMilliseconds, (long?)null).SetProperty(r => r.ErrorCode, (string?)null).SetProperty(r => r.ErrorMessage, (string?)null),
            cancellationToken) > 0;
    }

    /// <summary>An attempt failed; the next one is at a time, or there is none.</summary>
    /// <param name="attempted">The row as it was when the attempt began.</param>
    /// <param name="failure">Why it failed.</param>
    /// <param name="nextAttempt">When it is tried again.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>False where the row is gone, no longer pending, or was asked for again meanwhile: perhaps with what the attempt had not.</returns>
    public async Task<bool> FailedAsync(MediaRow attempted, MediaFailure failure, DateTimeOffset? nextAttempt, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (status, next) = (nextAttempt is null ? MediaStatus.Failed : MediaStatus.Pending, nextAttempt?.ToUnixTimeMilliseconds());
        return await database.Set<MediaRow>()
            .Where(row => row.Id == attempted.Id && row.Status == MediaStatus.Pending && row.NextAttemptAtMilliseconds == attempted.NextAttemptAtMilliseconds).ExecuteUpdateAsync(
                row => row.SetProperty(r => r.Status, status).SetProperty(r => r.NextAttemptAtMilliseconds, next).SetProperty(r => r.Attempts, r => r.Attempts + 1)
                    .SetProperty(r => r.ErrorCode, failure.Code).SetProperty(r => r.ErrorMessage, failure.Message),
                cancellationToken) > 0;
    }

    /// <summary>Makes a file pending and due now, with all attempts before it; those that are stored stay so.</summary>
    /// <param name="id">The one; null for all failed ones of the instance.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>How many.</returns>
    public async Task<int> FetchAgainAsync(MediaId? id, InstanceId instance, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = database.Set<MediaRow>().Where(row => row.Instance == instance.Value);
        rows = id is { } one ? rows.Where(row => row.Id == one.Value && row.Status != MediaStatus.Stored) : rows.Where(row => row.Status == MediaStatus.Failed);
        var now = Now;
        return await rows.ExecuteUpdateAsync(
            row => row.SetProperty(r => r.Status, MediaStatus.Pending).SetProperty(r => r.Attempts, 0).SetProperty(r => r.NextAttemptAtMilliseconds, now),
            cancellationToken);
    }

    /// <summary>Pending files whose attempt is due: of each instance the one that is due the longest, the instances in turn.</summary>
    /// <param name="now">Until when it may be due.</param>
    /// <param name="after">The instance that had its turn last; empty for none.</param>
    /// <param name="without">Ids of files that are left out.</param>
    /// <param name="withoutInstances">Instances that are left out.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public async Task<List<MediaRow>> DueAsync(
        DateTimeOffset now, string after, IReadOnlyList<string> without, IReadOnlyList<string> withoutInstances, int most, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (ids, instances) = (JsonSerializer.Serialize(without), JsonSerializer.Serialize(withoutInstances));
        var until = now.ToUnixTimeMilliseconds();
        // The instances are not gone through where nothing is due but what is left out: most looks find it so.
        var pending = database.Set<MediaRow>().Where(row => row.Status == MediaStatus.Pending && row.NextAttemptAtMilliseconds <= until);
        if (await pending.Take(without.Count + 1).CountAsync(cancellationToken) <= without.Count)
            return [];
        var due = await InTurnAsync(after, MediaTable.BehindAllInstances, most);
        // From the last one it goes on with the first.
        if (due.Count < most && after.Length > 0)
            due.AddRange(await InTurnAsync("", after, most - due.Count));
        return due;

        Task<List<MediaRow>> InTurnAsync(string behind, string upTo, int count) =>
            database.Set<MediaRow>().FromSqlRaw(MediaTable.DueInTurn, behind, until, ids, instances, count, upTo).AsNoTracking().ToListAsync(cancellationToken);
    }

    /// <summary>When the first attempt is due of those that were not at a time; null for none.</summary>
    public async Task<DateTimeOffset?> NextAttemptAsync(DateTimeOffset after, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var last = after.ToUnixTimeMilliseconds();
        var next = await database.Set<MediaRow>().Where(row => row.Status == MediaStatus.Pending && row.NextAttemptAtMilliseconds > last)
            .OrderBy(row => row.NextAttemptAtMilliseconds).Select(row => row.NextAttemptAtMilliseconds).FirstOrDefaultAsync(cancellationToken);
        return next is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    /// <summary>How many files are pending, and since when the oldest is.</summary>
    public async Task<(int Count, DateTimeOffset? Oldest)> PendingAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var pending = database.Set<MediaRow>().Where(row => row.Status == MediaStatus.Pending);
        var oldest = await pending.MinAsync(row => (long?)row.CreatedAtMilliseconds, cancellationToken);
        return (await pending.CountAsync(cancellationToken), oldest is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
    }
}
