using System.Collections.Concurrent;

namespace VZaps.Gateway.Log.Segments;

/// <summary>What readers have found damaged: counted each time, logged once a place. Thread-safe.</summary>
internal sealed partial class DamageReports(ILogger logger)
{
    /// <summary>Places of which is remembered that they were logged; of more than that each is logged each time.</summary>
    public const int MaxPlaces = 10_000;

    private readonly ConcurrentDictionary<(string File, long Offset), byte> _logged = new();
    private long _count;

    /// <summary>How often damage was met since the start.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Note(EventLogDamagedException damage)
    {
        Interlocked.Increment(ref _count);
        if (_logged.Count >= MaxPlaces || _logged.TryAdd((damage.File, damage.Offset), 0))
            LogDamage(logger, damage.File, damage.Offset, damage.What);
    }

    [LoggerMessage(2008, LogLevel.Error, "The log is damaged: {File} at byte {Offset}: {What}. Readers that come to it end there, and nothing is passed over. "
        + "Stop the gateway, run 'log verify', and restore the file from a backup or start once with Log:SkipCorruptFiles=true.")]
    private static partial void LogDamage(ILogger logger, string file, long offset, string what);
}
