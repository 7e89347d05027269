using VZaps.Gateway.Delivery;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// What a connection is sent for a second time, or not any more: deliveries that are due, and dead letters that somebody
/// asked for. Used by the connection's sending loop alone.
/// </summary>
internal sealed partial class Redelivery(
    DeliveryAccount account, EventLookup events, DeadLetters letters, ConsumerAttachment attachment, DeliveryMetrics metrics, ILogger logger)
{
    private const int MaxAtOnce = 64;
    private readonly List<DueDelivery> _due = [];

    /// <summary>Sends what is due.</summary>
    /// <returns>Whether there may be more at once.</returns>
    public async ValueTask<bool> SendAsync(IEventFrames frames, CancellationToken cancellationToken)
    {
        if (account.Consumer is not { } consumer)
            return false;
        var isMore = await SendDueAsync(consumer, frames, cancellationToken);
        return await SendLettersAsync(consumer, frames, cancellationToken) || isMore;
    }

    /// <summary>Beyond what its consumer may owe, the oldest go to the dead letters.</summary>
    public ValueTask AbandonExcessAsync(CancellationToken cancellationToken) =>
        account.Consumer is { } consumer ? attachment.AbandonExcessAsync(consumer, cancellationToken) : ValueTask.CompletedTask;

    private async ValueTask<bool> SendDueAsync(Consumer consumer, IEventFrames frames, CancellationToken cancellationToken)
    {
        if (!account.IsLookDue)
            return false;
        _due.Clear();
        account.TakeDue(_due, MaxAtOnce);
        foreach (var delivery in _due)
        {
            if (delivery.Death is not null)
                continue;
            if (await events.FindAsync(consumer.Key, delivery.Sequence, delivery.TypeIndex, cancellationToken) is { } envelope)
            {
                await frames.WriteAsync(envelope.Utf8, delivery.Deliveries, cancellationToken);
                metrics.Redelivered(1);
            }
            else
            {
                // Retention ended before the client acked it.
                consumer.LetGo(delivery.Sequence);
                account.CloseDead(delivery.Sequence);
            }
        }

        await BuryDeadAsync(consumer);
        return _due.Count > 0;
    }

    private async Task BuryDeadAsync(Consumer consumer)
    {
        var dead = _due.Where(delivery => delivery.Death is not null).ToList();
        if (dead.Count == 0)
            return;
        try
        {
            await letters.BuryAsync(consumer, [.. dead.Select(BurialOf)], CancellationToken.None);
            dead.ForEach(delivery => account.CloseDead(delivery.Sequence));
        }
        catch (Exception exception)
        {
            // They stay out, and are taken again in a second: none is let go of before it is kept elsewhere.
            LogUnburied(logger, exception, dead.Count, consumer.Key.Name, consumer.Key.Instance);
        }
    }

    private Burial BurialOf(DueDelivery delivery) => new(
        delivery.Sequence,
        delivery.TypeIndex,
        delivery.Death!.Reason,
        delivery.Deliveries,
        [.. delivery.Death.Attempts.Select(attempt => LetterAttempt.Of(attempt, account.Info.Id))],
        delivery.Death.Detail,
        WasExpected: !delivery.IsReplay);

    private async ValueTask<bool> SendLettersAsync(Consumer consumer, IEventFrames frames, CancellationToken cancellationToken)
    {
        var room = account.HasRedeliveries ? account.TakeRoom() : 0;
        if (room == 0)
            return false;
        foreach (var letter in account.TakeRedeliveries(Math.Min(room, MaxAtOnce)))
        {
            if (await letters.ReadAsync(consumer.Key, letter.Sequence, cancellationToken) is not { } kept || !account.TryOpenLetter(letter))
                continue;
            await frames.WriteAsync(kept.Envelope.Utf8, kept.Deliveries + 1, cancellationToken);
            metrics.Redelivered(1);
        }

        return account.HasRedeliveries;
    }

    [LoggerMessage(2213, LogLevel.Error, "{Events} event(s) of consumer {Consumer} of {InstanceId} could not be written to the dead letters. They stay owed and "
        + "are tried again every second. Look at the disk that holds the data folder.")]
    private static partial void LogUnburied(ILogger logger, Exception exception, int events, string consumer, InstanceId instanceId);
}
