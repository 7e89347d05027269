using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>Which events are with their handlers, and for which of them it is time to tell the server so.</summary>
/// <remarks>Thread-safe, but <see cref="TakeDue"/> is for one caller.</remarks>
internal sealed partial class HandlersAtWork(TimeSpan maxHandlerTime, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Work> _works = new(StringComparer.Ordinal);

    /// <summary>An event goes to its handlers.</summary>
    public void Begin(string id) => _works[id] = new Work(time.GetTimestamp());

    /// <summary>Its handlers have ended.</summary>
    public void End(string id) => _works.TryRemove(id, out _);

    /// <summary>
    /// The events whose handlers began, or were last spoken of, so long ago or longer; they count as spoken of now. Not those whose handlers
    /// have taken longer than they may.
    /// </summary>
    public IReadOnlyList<string> TakeDue(TimeSpan interval)
    {
        List<string>? due = null;
        foreach (var (id, work) in _works)
        {
            if (time.GetElapsedTime(work.LastWord) < interval || IsTooLong(id, work))
                continue;
            work.LastWord = time.GetTimestamp();
            (due ??= []).Add(id);
        }

        return due ?? (IReadOnlyList<string>)[];
    }

    private bool IsTooLong(string id, Work work)
    {
        if (time.GetElapsedTime(work.Began) < maxHandlerTime)
            return false;
        if (!work.IsReported)
            LogTooLong(logger, id, maxHandlerTime);
        work.IsReported = true;
        return true;
    }

    [LoggerMessage(1231, LogLevel.Warning, "The handler of {EventId} has taken longer than {MaxHandlerTime} (MaxHandlerTime): the server is not asked for more "
        + "time, and takes the event for failed after some deliveries. Hand long work to a queue.")]
    private static partial void LogTooLong(ILogger logger, string eventId, TimeSpan maxHandlerTime);

    private sealed class Work(long now)
    {
        public long Began { get; } = now;

        // Touched by the caller of TakeDue alone.
        public long LastWord { get; set; } = now;
        public bool IsReported { get; set; }
    }
}
