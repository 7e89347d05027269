using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>The event of a delivery: from its log's own copy, or from the event log. Thread-safe.</summary>
internal sealed class LoggedEvents(DeliveryStore store, IEventLog log)
{
    /// <summary>The event; null where neither has it any more.</summary>
    /// <exception cref="IOException">The log could not be read.</exception>
    public async ValueTask<Envelope?> FindAsync(InstanceId instance, DeliveryRow delivery, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(delivery.Id, cancellationToken) is { Envelope: { } kept } && EventPosition.TryParse(delivery.EventId, out var position))
            return new Envelope(position, delivery.TypeIndex, kept);
        if (delivery.Sequence <= 0)
            return null; // of a log that is gone
        var retained = await log.ReadOneAsync(instance, delivery.Sequence, cancellationToken);
        // Another event may have the sequence where the log was begun anew.
        return retained is { } envelope && envelope.Position.ToString() == delivery.EventId ? envelope : null;
    }
}
