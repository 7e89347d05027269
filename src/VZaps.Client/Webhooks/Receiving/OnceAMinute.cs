namespace VZaps.Client.Webhooks;

/// <summary>Lets a line of each kind into the log once a minute: anybody can send posts, and a gateway sends many.</summary>
/// <remarks>Thread-safe. Kinds are few, as they are never forgotten.</remarks>
internal sealed class OnceAMinute<TKind>(TimeProvider time)
    where TKind : notnull
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<TKind, long> _told = [];

    public bool IsDue(TKind kind)
    {
        lock (_told)
        {
            var now = time.GetTimestamp();
            if (_told.TryGetValue(kind, out var last) && time.GetElapsedTime(last, now) < Interval)
                return false;
            _told[kind] = now;
            return true;
        }
    }
}
