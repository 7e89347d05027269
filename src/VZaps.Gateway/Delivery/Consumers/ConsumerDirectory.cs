using System.Collections.Concurrent;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>The consumers that are in memory: each of them once, so that all of its connections share it. Thread-safe.</summary>
internal sealed class ConsumerDirectory(ConsumerStore store, DeadLetterStore letters) : IDisposable
{
    /// <summary>Most consumers that one instance may have.</summary>
    public const int MaxPerInstance = 100;

    private readonly ConcurrentDictionary<ConsumerKey, Consumer> _consumers = new();

    // One load at a time: the same consumer must not be made twice, and a burst of first connections must not pass the limit.
    private readonly SemaphoreSlim _loading = new(1);

    /// <summary>The consumers in memory now, in no order.</summary>
    public IEnumerable<Consumer> All => _consumers.Values;

    /// <summary>A consumer, loaded or made new.</summary>
    /// <exception cref="ProblemException">400: the instance has too many.</exception>
    public async ValueTask<Consumer> GetAsync(ConsumerKey key, CancellationToken cancellationToken) =>
        (await LookUpAsync(key, mayMake: true, cancellationToken))!;

    /// <summary>A consumer, loaded where it must be; null where there is none.</summary>
    public ValueTask<Consumer?> FindAsync(ConsumerKey key, CancellationToken cancellationToken) => LookUpAsync(key, mayMake: false, cancellationToken);

    /// <summary>All consumers of an instance, by name; those that nobody used since the start are loaded.</summary>
    public async Task<IReadOnlyList<Consumer>> AllOfAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        var names = (await store.NamesAsync(instance, cancellationToken))
            .Union(_consumers.Keys.Where(key => key.Instance == instance).Select(key => key.Name), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        var consumers = new List<Consumer>();
        foreach (var name in names)
        {
            if (await FindAsync(new ConsumerKey(instance, name), cancellationToken) is { } consumer)
                consumers.Add(consumer);
        }

        return consumers;
    }

    /// <summary>Forgets one consumer.</summary>
    public void Forget(Consumer consumer) => _consumers.TryRemove(new KeyValuePair<ConsumerKey, Consumer>(consumer.Key, consumer));

    /// <summary>Forgets the consumers of an instance that is gone.</summary>
    public void ForgetAllOf(InstanceId instance)
    {
        foreach (var key in _consumers.Keys.Where(key => key.Instance == instance))
            _consumers.TryRemove(key, out _);
    }

    public void Dispose() => _loading.Dispose();

    private async ValueTask<Consumer?> LookUpAsync(ConsumerKey key, bool mayMake, CancellationToken cancellationToken)
    {
        if (_consumers.TryGetValue(key, out var known))
            return known;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_consumers.TryGetValue(key, out known))
                return known;
            var stored = await store.LoadAsync(key, cancellationToken);
            if (stored is null && !mayMake)
                return null;
            if (stored is null)
                await RequireRoomAsync(key, cancellationToken);
            return _consumers[key] = new Consumer(key, stored, await letters.IndexAsync(key, cancellationToken));
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task RequireRoomAsync(ConsumerKey key, CancellationToken cancellationToken)
    {
        var stored = await store.CountAsync(key.Instance, cancellationToken);
        var inMemory = _consumers.Keys.Count(other => other.Instance == key.Instance);
        if (Math.Max(stored, inMemory) >= MaxPerInstance)
        {
            throw new Problem(400, "too_many_consumers",
                $"Instance {key.Instance} has {MaxPerInstance} consumers already, and '{key.Name}' would be one more. Use one of them, or forget one: DELETE /instances/{{id}}/consumers/{{name}}.").ToException();
        }
    }
}
