using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Delivery;

/// <summary>The dead letters in the database. Thread-safe.</summary>
internal sealed class DeadLetterStore(IDbContextFactory<GatewayDatabase> databases)
{
    /// <summary>A consumer's dead letters, without their events.</summary>
    public async Task<IReadOnlyList<LetterEntry>> IndexAsync(ConsumerKey key, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Of(database, key)
            .Select(row => new LetterEntry(row.Sequence, row.TypeIndex, row.RedeliveredAtMilliseconds != null))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Writes letters; one that is there already gets the new reason and keeps the attempts of both. One transaction.</summary>
    public async Task PutAsync(IReadOnlyList<DeadLetterRow> rows, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var row in rows)
        {
            var known = await database.Set<DeadLetterRow>().FindAsync([row.Instance, row.Consumer, row.Sequence], cancellationToken);
            if (known is null)
            {
                database.Add(row);
                continue;
            }

            (known.Reason, known.Detail, known.DiedAtMilliseconds, known.RedeliveredAtMilliseconds) = (row.Reason, row.Detail, row.DiedAtMilliseconds, null);
            known.Deliveries += row.Deliveries;
            known.Attempts = LetterAttempt.Write([.. LetterAttempt.Read(known.Attempts), .. LetterAttempt.Read(row.Attempts)]);
        }

        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A page of a consumer's letters, in log order.</summary>
    public async Task<IReadOnlyList<DeadLetterRow>> ReadPageAsync(ConsumerKey key, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Of(database, key).AsNoTracking()
            .Where(row => row.Sequence > afterSequence)
            .OrderBy(row => row.Sequence)
            .Take(limit)
            .ToListAsync(cancellationToken);
    }

    /// <summary>One letter; null where there is none.</summary>
    public async Task<DeadLetterRow?> FindAsync(ConsumerKey key, long sequence, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Of(database, key).AsNoTracking().SingleOrDefaultAsync(row => row.Sequence == sequence, cancellationToken);
    }

    /// <summary>Takes down when letters were asked for again.</summary>
    public async Task MarkRedeliveredAsync(ConsumerKey key, IReadOnlyList<long> sequences, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var milliseconds = at.ToUnixTimeMilliseconds();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await Of(database, key)
            .Where(row => sequences.Contains(row.Sequence))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.RedeliveredAtMilliseconds, milliseconds), cancellationToken);
    }

    /// <summary>Removes letters.</summary>
    public async Task DeleteAsync(ConsumerKey key, IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await Of(database, key).Where(row => sequences.Contains(row.Sequence)).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Removes all letters of a consumer.</summary>
    public async Task DeleteAllOfAsync(ConsumerKey key, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await Of(database, key).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Removes all letters of an instance.</summary>
    public async Task DeleteAllOfAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<DeadLetterRow>().Where(row => row.Instance == instance.Value).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The letters that died before a time.</summary>
    public async Task<IReadOnlyList<(ConsumerKey Key, long Sequence)>> DiedBeforeAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<DeadLetterRow>()
            .Where(row => row.DiedAtMilliseconds < milliseconds)
            .Select(row => new { row.Instance, row.Consumer, row.Sequence })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => (new ConsumerKey(InstanceId.Parse(row.Instance), row.Consumer), row.Sequence))];
    }

    private static IQueryable<DeadLetterRow> Of(GatewayDatabase database, ConsumerKey key) =>
        database.Set<DeadLetterRow>().Where(row => row.Instance == key.Instance.Value && row.Consumer == key.Name);
}
