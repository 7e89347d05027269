using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Delivery;

/// <summary>The consumers' states in the database. Thread-safe.</summary>
internal sealed class ConsumerStore(IDbContextFactory<GatewayDatabase> databases, TimeProvider time)
{
    /// <summary>A consumer's saved state; null where it has none.</summary>
    public async Task<ConsumerState?> LoadAsync(ConsumerKey key, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var state = await database.Set<ConsumerRow>()
            .Where(row => row.Instance == key.Instance.Value && row.Name == key.Name)
            .Select(row => row.State)
            .SingleOrDefaultAsync(cancellationToken);
        return state is null ? null : ConsumerStateFormat.Read(state);
    }

    /// <summary>The names of an instance's consumers.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ConsumerRow>().Where(row => row.Instance == instance.Value).Select(row => row.Name).ToListAsync(cancellationToken);
    }

    /// <summary>The consumers whose state was not saved since a time.</summary>
    public async Task<IReadOnlyList<ConsumerKey>> UnusedSinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var milliseconds = since.ToUnixTimeMilliseconds();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<ConsumerRow>()
            .Where(row => row.UpdatedAtMilliseconds < milliseconds)
            .Select(row => new { row.Instance, row.Name })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new ConsumerKey(InstanceId.Parse(row.Instance), row.Name))];
    }

    /// <summary>Removes one consumer.</summary>
    public async Task DeleteAsync(ConsumerKey key, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<ConsumerRow>().Where(row => row.Instance == key.Instance.Value && row.Name == key.Name).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>How many consumers an instance has.</summary>
    public async Task<int> CountAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ConsumerRow>().CountAsync(row => row.Instance == instance.Value, cancellationToken);
    }

    /// <summary>Saves many states in one transaction: one flush, however many they are.</summary>
    public async Task SaveAsync(IReadOnlyList<(ConsumerKey Key, ConsumerState State)> consumers, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        foreach (var (key, state) in consumers)
        {
            var (instance, name, bytes) = (key.Instance.Value, key.Name, ConsumerStateFormat.Write(state));
            await database.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO consumers ("Instance", "Name", "State", "UpdatedAtMilliseconds") VALUES ({instance}, {name}, {bytes}, {now})
                ON CONFLICT ("Instance", "Name") DO UPDATE SET "State" = excluded."State", "UpdatedAtMilliseconds" = excluded."UpdatedAtMilliseconds"
                """,
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Removes all consumers of an instance.</summary>
    public async Task DeleteAllOfAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<ConsumerRow>().Where(row => row.Instance == instance.Value).ExecuteDeleteAsync(cancellationToken);
    }
}
