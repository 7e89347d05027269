using VZaps.Gateway.Delivery;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// What a connection is sent for a second time, or not any more: deliveries that are due, and dead letters that somebody
/// asked for. Used by the connection's sending loop alone.
/// </summary>
internal sealed class Redelivery(DeliveryAccount account, EventLookup events, DeadLetterStore store, DeadLetters letters, ConsumerAttachment attachment, DeliveryMetrics metrics)
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
    public ValueTask AbandonExcessAsync() => account.Consumer is { } consumer ? attachment.AbandonExcessAsync(consumer) : ValueTask.CompletedTask;

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
            if (await events.FindAsync(consumer.Key, delivery.Sequence, cancellationToken) is { } envelope)
            {
                await frames.WriteAsync(envelope.Utf8, delivery.Deliveries, cancellationToken);
                metrics.Redelivered(1);
            }
            else
            {
                // Retention ended before the client acked it.
                letters.LetGo(consumer, delivery.Sequence);
                account.CloseDead(delivery.Sequence);
            }
        }

        await BuryDeadAsync(consumer);
        return _due.Count > 0;
    }

    private async Task BuryDeadAsync(Consumer consumer)
    {
        var dead = _due.Where(delivery => delivery.Death is not null).ToList();
        // Those that could not be written stay out, and are taken again in a second: none is let go of before it is kept elsewhere.
        if (dead.Count > 0 && await letters.TryBuryAsync(consumer, [.. dead.Select(delivery => Burial.Of(delivery, account.Info.Id))]))
            dead.ForEach(delivery => account.CloseDead(delivery.Sequence));
    }

    private async ValueTask<bool> SendLettersAsync(Consumer consumer, IEventFrames frames, CancellationToken cancellationToken)
    {
        var room = account.HasRedeliveries ? account.TakeRoom() : 0;
        if (room == 0)
            return false;
        foreach (var letter in account.TakeRedeliveries(Math.Min(room, MaxAtOnce)))
        {
            if (await store.FindAsync(consumer.Key, letter.Sequence, cancellationToken) is not { } kept || !account.TryOpenLetter(letter))
                continue;
            await frames.WriteAsync(kept.Envelope, kept.Deliveries + 1, cancellationToken);
            metrics.Redelivered(1);
        }

        return account.HasRedeliveries;
    }
}
