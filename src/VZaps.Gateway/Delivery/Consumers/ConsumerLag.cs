using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>How far a consumer is behind: what it owes and what follows its heads.</summary>
/// <param name="Position">The oldest event that waits for it, if it owes it, else the newest that it had; a sequence, 0 for none.</param>
/// <param name="Events">How many wait.</param>
/// <param name="OldestAt">When the oldest of them was appended; null where none waits.</param>
internal readonly record struct ConsumerLag(long Position, long Events, DateTimeOffset? OldestAt)
{
    /// <summary>A type that no connection has read for so long does not count.</summary>
    public static TimeSpan TypeAge { get; } = TimeSpan.FromDays(7);

    /// <summary>The lag of a consumer over the types that it reads.</summary>
    public static ConsumerLag Of(ConsumerState state, int redelivered, InstanceId instance, IEventLog log, DateTimeOffset now) =>
        Of(TypesOf(state, now), redelivered, instance, log);

    /// <summary>The lag over some of its types.</summary>
    public static ConsumerLag Of(IEnumerable<TypeState> types, int redelivered, InstanceId instance, IEventLog log)
    {
        var (events, newestHead, oldest, position) = ((long)redelivered, 0L, (EventPosition?)null, long.MaxValue);
        // Types that are read together stand at one place: mostly there is one look at the log for all of them.
        foreach (var atHead in types.GroupBy(type => type.Head))
        {
            var (head, filter) = (atHead.Key, EventTypeSet.Of(atHead.Select(type => EventType.Known[type.TypeIndex])));
            var next = log.FindNext(instance, filter, head);
            events += next is null ? 0 : log.Count(instance, filter, next.Value.Sequence - 1);
            newestHead = Math.Max(newestHead, head);
            if (next is not null)
                position = Math.Min(position, head);
            oldest = Earlier(oldest, next);
            foreach (var owed in atHead.Select(type => type.Owed).Where(owed => owed.Count > 0))
            {
                events += owed.Count;
                position = Math.Min(position, owed[0]);
                oldest = Earlier(oldest, log.PositionOf(instance, owed[0]));
            }
        }

        return new ConsumerLag(position == long.MaxValue ? newestHead : position, events, oldest?.AppendedAt);
    }

    /// <summary>How long the oldest waiting event has been in the log.</summary>
    public TimeSpan Age(DateTimeOffset now) => OldestAt is { } at && at < now ? now - at : TimeSpan.Zero;

    /// <summary>The types that count.</summary>
    public static IEnumerable<TypeState> TypesOf(ConsumerState state, DateTimeOffset now) => state.Types.Where(type => now - type.LastReadAt <= TypeAge);

    private static EventPosition? Earlier(EventPosition? one, EventPosition? other) =>
        one is null || (other is { } second && second.IsBefore(one.Value)) ? other : one;
}
