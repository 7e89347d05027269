using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>Which events are with their handlers, and for which of them it is time to tell the server so.</summary>
/// <remarks>Thread-safe, but <see cref="TakeDue"/> is for one caller.</remarks>
internal sealed partial class HandlersAtWork(TimeSpan maxHandlerTime, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Work> _works = new(StringComparer.Ordinal);

    /// <summary>An event goes to its handlers, or has asked for more time: the clock starts.</summary>
    public void Begin(string id)
    {
        var now = time.GetTimestamp();
        lock (_gate)
            _works[id] = new Work(now, now, IsReported: false);
    }

    /// <summary>Its handlers have ended.</summary>
    public void End(string id)
    {
        lock (_gate)
            _works.Remove(id);
    }

    /// <summary>Whether it has been out for longer than it may.</summary>
    public bool IsTooLong(string id)
    {
        lock (_gate)
            return _works.TryGetValue(id, out var work) && IsTooLong(work);
    }

    /// <summary>
    /// The events whose handlers began, or were last spoken of, so long ago or longer; they count as spoken of now. Not those whose handlers
    /// have taken longer than they may.
    /// </summary>
    public IReadOnlyList<string> TakeDue(TimeSpan interval)
    {
        List<string>? due = null, tooLong = null;
        lock (_gate)
        {
            foreach (var id in _works.Keys)
            {
                ref var work = ref CollectionsMarshal.GetValueRefOrNullRef(_works, id);
                if (time.GetElapsedTime(work.LastWord) < interval)
                    continue;
                if (!IsTooLong(work))
                {
                    work = work with { LastWord = time.GetTimestamp() };
                    (due ??= []).Add(id);
                }
                else if (!work.IsReported)
                {
                    work = work with { IsReported = true };
                    (tooLong ??= []).Add(id);
                }
            }
        }

        tooLong?.ForEach(id => LogTooLong(logger, id, maxHandlerTime));
        return due ?? (IReadOnlyList<string>)[];
    }

    private bool IsTooLong(Work work) => time.GetElapsedTime(work.Began) >= maxHandlerTime;

    [LoggerMessage(1231, LogLevel.Warning, "The handler of {EventId} has taken longer than {MaxHandlerTime} (MaxHandlerTime): the server is not asked for more "
        + "time, and takes the event for failed after some deliveries. Hand long work to a queue.")]
    private static partial void LogTooLong(ILogger logger, string eventId, TimeSpan maxHandlerTime);

    private readonly record struct Work(long Began, long LastWord, bool IsReported);
}
