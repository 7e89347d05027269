using System.Diagnostics;

namespace VZaps.LoadTest.Webhooks;

/// <summary>The kill and what followed. Times are <see cref="Stopwatch"/> timestamps.</summary>
/// <param name="KilledAt">Just before the kill.</param>
/// <param name="StartedAt">When the killed process had ended and the next one was started: what arrived before is the first one's, what arrived after the next one's.</param>
/// <param name="StartedAtTime">The same on the clock by which the logs go.</param>
/// <param name="ReadyAt">When the next one was ready.</param>
/// <param name="Unanswered">Posts that healthy receivers had not answered at the kill.</param>
internal sealed record Outage(long KilledAt, long StartedAt, DateTimeOffset StartedAtTime, long ReadyAt, int Unanswered)
{
    /// <summary>How long after it is ready a gateway may take for what has gathered meanwhile, and for its first compilations.</summary>
    private static readonly long CatchUpTicks = 2 * Stopwatch.Frequency;

    /// <summary>How long before the kill an event was due at most that was in flight then. One that is older is simply late.</summary>
    private static readonly long InFlightTicks = Stopwatch.Frequency;

    public TimeSpan Length => Stopwatch.GetElapsedTime(KilledAt, ReadyAt);

    /// <summary>Whether a delivery was delayed by it.</summary>
    public bool Covers(long dueAt, long arrivedAt) => arrivedAt > KilledAt && dueAt > KilledAt - InFlightTicks && dueAt < ReadyAt + CatchUpTicks;

    /// <summary>Whether two posts of the same attempt are the one that was in flight at the kill, and the one that made up for it.</summary>
    public bool Explains(ReceivedPost first, ReceivedPost second) => first.ArrivedAt < StartedAt && second.ArrivedAt >= StartedAt;
}
