using System.Collections.Concurrent;

namespace VZaps.Gateway.Media;

/// <summary>Instances whose owner was told that their Cloud API source has no access token: once, however many files come, until there is one. Thread-safe.</summary>
internal sealed class TokenlessSources
{
    // When it is full, nobody else is told until the next start; each file says it too.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>A file was not fetched for want of a token; whether that is to be told.</summary>
    public bool IsFirst(string instance) => _told.Count < Most && _told.TryAdd(instance, true);

    /// <summary>There was a token for a file.</summary>
    public void HadToken(string instance) => _told.TryRemove(instance, out _);
}
