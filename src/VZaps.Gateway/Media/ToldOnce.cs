using System.Collections.Concurrent;

namespace VZaps.Gateway.Media;

/// <summary>Instances of which the log has something that it is to have once, however many files come. Thread-safe.</summary>
internal sealed class ToldOnce
{
    // When it is full, nothing is told of others until the next start.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>Whether it is to be told now.</summary>
    public bool IsFirst(string instance) => _told.Count < Most && _told.TryAdd(instance, true);

    /// <summary>It is so no longer: the next time, it is told again.</summary>
    public void Forget(string instance) => _told.TryRemove(instance, out _);
}
