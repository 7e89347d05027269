using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Instances;

/// <summary>All instances, in memory over their table. Thread-safe.</summary>
/// <remarks>What makes, changes or ends an instance is durable when it returns. Whether one is connected is known at once
/// and saved within a second, with the sequence it was taken from: what is missing after a crash is in the log behind that.</remarks>
internal sealed class InstanceDirectory(IDbContextFactory<GatewayDatabase> databases, Revocations revocations, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<InstanceId, Instance> _instances = new();

    // Guards the replacement of snapshots, which a change and a new connection state may both want.
    private readonly Lock _gate = new();
    private HashSet<InstanceId> _unsaved = [];

    // One change at a time: what is read, changed and saved must not have been changed by another in between.
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>All instances now, in no order.</summary>
    public IEnumerable<Instance> All => _instances.Values;

    public bool TryGet(InstanceId id, [NotNullWhen(true)] out Instance? instance) => _instances.TryGetValue(id, out instance);

    /// <summary>Whether that is the instance's token, in constant time.</summary>
    public static bool MatchesToken(Instance instance, string presented) => Secret.Matches(instance.TokenHash, presented);

    /// <summary>Reads the table; before anything else is asked.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var row in database.Set<InstanceRow>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
            _instances[InstanceId.Parse(row.Id)] = row.ToInstance();
    }

    /// <summary>Makes an instance; <paramref name="instance"/> brings everything but its times.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="also">What is saved with it, in the same transaction.</param>
    public async Task<Instance> CreateAsync(Instance instance, CancellationToken cancellationToken, Func<GatewayDatabase, Task>? also = null)
    {
        var now = Now();
        var made = instance with { CreatedAt = now, UpdatedAt = now };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(InstanceRow.Of(made));
        await (also?.Invoke(database) ?? Task.CompletedTask);
        await database.SaveChangesAsync(cancellationToken);
        _instances[made.Id] = made;
        return made;
    }

    /// <summary>Changes what a client may change (name, webhook, events, labels); null where the instance is gone.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="also">What is saved with it, in the same transaction.</param>
    public Task<Instance?> UpdateAsync(
        InstanceId id, Func<Instance, Instance> change, CancellationToken cancellationToken, Func<GatewayDatabase, Task>? also = null) =>
        _changing.InTurnAsync(() => UpdateInTurnAsync(id, change, also, cancellationToken), cancellationToken);

    private async Task<Instance?> UpdateInTurnAsync(
        InstanceId id, Func<Instance, Instance> change, Func<GatewayDatabase, Task>? also, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<InstanceRow>().SingleOrDefaultAsync(row => row.Id == id.Value, cancellationToken);
        if (row is null)
            return null;
        var wanted = change(row.ToInstance());
        (row.Name, row.Webhook, row.SubscribedEvents) = (wanted.Name, wanted.Webhook, wanted.SubscribedEvents.ToBits());
        (row.Labels, row.UpdatedAtMilliseconds) = (InstanceRow.LabelsText(wanted.Labels), Now().ToUnixTimeMilliseconds());
        await (also?.Invoke(database) ?? Task.CompletedTask);
        await database.SaveChangesAsync(cancellationToken);
        var saved = row.ToInstance();
        return Replace(id, instance => instance with
        {
            Name = saved.Name,
            Webhook = saved.Webhook,
            SubscribedEvents = saved.SubscribedEvents,
            Labels = saved.Labels,
            UpdatedAt = saved.UpdatedAt,
        });
    }

    /// <summary>Gives an instance a new token; the old one's connections close. Null where the instance is gone.</summary>
    public Task<Instance?> RotateTokenAsync(InstanceId id, string newToken, CancellationToken cancellationToken) =>
        _changing.InTurnAsync(() => RotateInTurnAsync(id, newToken, cancellationToken), cancellationToken);

    private async Task<Instance?> RotateInTurnAsync(InstanceId id, string newToken, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<InstanceRow>().SingleOrDefaultAsync(row => row.Id == id.Value, cancellationToken);
        if (row is null)
            return null;
        row.TokenHash = Secret.HashOf(newToken);
        row.TokenVersion++;
        row.UpdatedAtMilliseconds = Now().ToUnixTimeMilliseconds();
        await database.SaveChangesAsync(cancellationToken);
        var saved = row.ToInstance();
        var rotated = Replace(id, instance => instance with
        {
            TokenHash = saved.TokenHash,
            TokenVersion = saved.TokenVersion,
            UpdatedAt = saved.UpdatedAt,
        });
        revocations.Announce(new Revocation(RevocationKind.InstanceTokenRotated, saved.Owner, id, saved.TokenVersion));
        return rotated;
    }

    /// <summary>Deletes an instance; its connections close. False where it was gone already.</summary>
    public async Task<bool> DeleteAsync(InstanceId id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<InstanceRow>().Where(row => row.Id == id.Value).ExecuteDeleteAsync(cancellationToken);
        return Forget(id);
    }

    /// <summary>Forgets the instances of an account that is gone from the table with them.</summary>
    public void ForgetAllOf(string owner)
    {
        foreach (var instance in _instances.Values.Where(instance => instance.Owner == owner))
            Forget(instance.Id);
    }

    /// <summary>Says whether an instance is connected, known at once and saved within a second. An older event than the last one changes nothing.</summary>
    public void SetConnected(InstanceId id, bool connected, long asOfSequence)
    {
        lock (_gate)
        {
            if (!_instances.TryGetValue(id, out var instance) || asOfSequence <= instance.ConnectedAsOf)
                return;
            _instances[id] = instance with { Connected = connected, ConnectedAsOf = asOfSequence };
            _unsaved.Add(id);
        }
    }

    /// <summary>What is known of an instance's connection is of a log that is gone: its next event decides, whatever its sequence.</summary>
    public void ForgetConnected(InstanceId id)
    {
        lock (_gate)
        {
            if (!_instances.TryGetValue(id, out var instance))
                return;
            _instances[id] = instance with { ConnectedAsOf = 0 };
            _unsaved.Add(id);
        }
    }

    /// <summary>Saves the connection states that are not yet in the table, in one transaction.</summary>
    public async Task SaveConnectionStatesAsync(CancellationToken cancellationToken)
    {
        HashSet<InstanceId> saving;
        lock (_gate)
        {
            if (_unsaved.Count == 0)
                return;
            (saving, _unsaved) = (_unsaved, []);
        }

        try
        {
            await SaveAsync(saving, cancellationToken);
        }
        catch
        {
            lock (_gate)
                _unsaved.UnionWith(saving);
            throw;
        }
    }

    private async Task SaveAsync(HashSet<InstanceId> saving, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        foreach (var id in saving)
        {
            if (!TryGet(id, out var instance))
                continue;
            await database.Set<InstanceRow>().Where(row => row.Id == id.Value).ExecuteUpdateAsync(
                row => row.SetProperty(r => r.Connected, instance.Connected).SetProperty(r => r.ConnectedAsOf, instance.ConnectedAsOf),
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private Instance? Replace(InstanceId id, Func<Instance, Instance> change)
    {
        lock (_gate)
            return _instances.TryGetValue(id, out var instance) ? _instances[id] = change(instance) : null;
    }

    private bool Forget(InstanceId id)
    {
        Instance? gone;
        lock (_gate)
        {
            if (!_instances.TryRemove(id, out gone))
                return false;
        }

        revocations.Announce(new Revocation(RevocationKind.InstanceDeleted, gone.Owner, id, long.MaxValue));
        return true;
    }

    // As the table keeps it, so that an answer before a restart and one after it are the same.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    public void Dispose() => _changing.Dispose();
}
