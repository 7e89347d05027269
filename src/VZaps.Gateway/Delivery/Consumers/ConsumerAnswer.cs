using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>A consumer as the API shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">The oldest event that waits for it, if it owes it, else the newest that it had; null before the first.</param>
/// <param name="Lag">Events that wait for it, over the types that it read in the last 7 days.</param>
/// <param name="LagSeconds">How long the oldest of them has been in the log.</param>
/// <param name="Types">The types that it read in the last 7 days.</param>
/// <param name="Connections">Its live connections.</param>
/// <param name="WindowFullSince">Since when one of them can be sent nothing more for want of acks.</param>
/// <param name="LastGap">The last time that retention was faster.</param>
/// <param name="DeadLetters">How many dead letters it has.</param>
internal sealed record ConsumerAnswer(
    string Name,
    string? Position,
    long Lag,
    double LagSeconds,
    IReadOnlyList<string> Types,
    IReadOnlyList<ReaderAnswer> Connections,
    DateTimeOffset? WindowFullSince,
    GapAnswer? LastGap,
    int DeadLetters)
{
    public static ConsumerAnswer Of(Consumer consumer, IEventLog log, DateTimeOffset now)
    {
        var (instance, state) = (consumer.Key.Instance, consumer.Snapshot());
        var (letters, redelivered) = consumer.ReadLetters(index => (index.Count, index.RedeliveredCount));
        var lag = ConsumerLag.Of(state, redelivered, instance, log, now);
        var connections = consumer.Connections.Select(ReaderAnswer.Of).ToList();
        return new ConsumerAnswer(
            consumer.Key.Name,
            log.PositionOf(instance, lag.Position)?.ToString(),
            lag.Events,
            Math.Round(lag.Age(now).TotalSeconds, 3),
            [.. ConsumerLag.TypesOf(state, now).Select(type => EventType.Known[type.TypeIndex].Name)],
            connections,
            connections.Min(connection => connection.WindowFullSince),
            state.LastGap is { } gap ? GapAnswer.Of(gap, instance, log) : null,
            letters);
    }
}

/// <summary>A live connection.</summary>
/// <param name="Id">The id of its handshake's request.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="UserAgent">What it calls itself.</param>
/// <param name="ConnectedAt">When it came.</param>
/// <param name="Types">The types that its filter lets through.</param>
/// <param name="Extension">Whether it speaks the extension.</param>
/// <param name="Open">Events that are out.</param>
/// <param name="Window">Most that may be.</param>
/// <param name="WindowFullSince">Since when it can be sent nothing more for want of acks.</param>
/// <param name="Sent">Events sent, redeliveries included.</param>
/// <param name="Acked">Acks taken.</param>
internal sealed record ReaderAnswer(
    string Id,
    string Address,
    string UserAgent,
    DateTimeOffset ConnectedAt,
    IReadOnlyList<string> Types,
    bool Extension,
    int Open,
    int Window,
    DateTimeOffset? WindowFullSince,
    long Sent,
    long Acked)
{
    public static ReaderAnswer Of(DeliveryAccount account) => new(
        account.Info.Id,
        account.Info.Address,
        account.Info.UserAgent,
        account.Info.OpenedAt,
        [.. account.Info.Types.Types().Select(type => type.Name)],
        account.Info.IsExtended,
        account.Open,
        account.Capacity,
        account.FullSince,
        account.Sent,
        account.Acked);
}

/// <summary>Events that retention removed before the consumer had them.</summary>
/// <param name="From">They follow this one; null where that is the log's beginning.</param>
/// <param name="To">The oldest event that was retained: reading went on with it.</param>
/// <param name="Events">How many, at most.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When it was noticed.</param>
internal sealed record GapAnswer(string? From, string? To, long Events, string Reason, DateTimeOffset At)
{
    public static GapAnswer Of(Gap gap, InstanceId instance, IEventLog log) => new(
        log.PositionOf(instance, gap.After)?.ToString(), log.PositionOf(instance, gap.ResumedAt)?.ToString(), gap.Events, Gap.Reason, gap.At);
}
