using System.Collections.Concurrent;

namespace VZaps;

/// <summary>Keeps positions in memory: over subscriptions of one program, and for tests.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InMemoryCursorStore : ICursorStore
{
    private readonly ConcurrentDictionary<CursorKey, string> _cursors = new();

    /// <inheritdoc/>
    public ValueTask<string?> LoadAsync(CursorKey key, CancellationToken cancellationToken) => new(_cursors.GetValueOrDefault(key));

    /// <inheritdoc/>
    public ValueTask SaveAsync(CursorKey key, string eventId, CancellationToken cancellationToken)
    {
        _cursors[key] = eventId;
        return default;
    }
}
