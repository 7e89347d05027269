namespace VZaps.Gateway.Log;

/// <summary>Single places in an instance's log: the event there, and its id for those who are shown one.</summary>
internal static class LogPositions
{
    private static readonly LogPageLimits One = new(MaxEvents: 1, MaxBytes: 1);

    /// <summary>Reads one event; null where it is not retained.</summary>
    /// <param name="log">The log.</param>
    /// <param name="instance">The instance whose log it is.</param>
    /// <param name="sequence">The event's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<Envelope?> ReadOneAsync(this IEventLog log, InstanceId instance, long sequence, CancellationToken cancellationToken)
    {
        var page = await log.ReadAsync(instance, sequence - 1, EventTypeSet.All, One, cancellationToken);
        Envelope? found = page.Envelopes is [var envelope, ..] && envelope.Position.Sequence == sequence ? envelope : null;
        if (page.Memory is not { } memory)
            return found;
        // A copy: nobody knows when the last one who is shown the event is done with it.
        found = found is { } one ? one with { Utf8 = one.Utf8.ToArray() } : null;
        memory.Return();
        return found;
    }

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
