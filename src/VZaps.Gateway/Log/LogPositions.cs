namespace VZaps.Gateway.Log;

/// <summary>Event ids of places in an instance's log, for those who are shown one.</summary>
internal static class LogPositions
{
    /// <summary>
    /// The position of a sequence; null for 0, which is before the first event. Of an event that is gone nothing is
    /// known but its place: its id is made with the time of the oldest retained one, and is as good as a cursor.
    /// </summary>
    public static EventPosition? PositionOf(this IEventLog log, InstanceId instance, long sequence)
    {
        if (sequence <= 0)
            return null;
        var next = log.FindNext(instance, EventTypeSet.All, sequence - 1);
        return next?.Sequence == sequence
            ? next
            : EventPosition.Create(instance, next?.AppendedAt.ToUnixTimeMilliseconds() ?? 0, sequence);
    }
}
