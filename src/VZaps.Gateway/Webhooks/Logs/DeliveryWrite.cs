namespace VZaps.Gateway.Webhooks;

/// <summary>What is kept together, in one transaction: whatever is not null.</summary>
internal sealed record DeliveryWrite
{
    /// <summary>The delivery as it is now; one of that id is replaced.</summary>
    public DeliveryRow? Delivery { get; init; }

    /// <summary>An attempt of it. The store gives it its number.</summary>
    public AttemptRow? Attempt { get; init; }

    /// <summary>The event's envelope, where it is not kept yet. Do not change the bytes until the write is done.</summary>
    public ReadOnlyMemory<byte>? Envelope { get; init; }

    /// <summary>Whether this ends what somebody asked for. What does not leaves the mark as it is: it may have been made in this moment.</summary>
    public bool EndsManual { get; init; }

    /// <summary>How far an endpoint has come. One that is behind what is kept changes nothing.</summary>
    public EndpointPosition? Position { get; init; }
}

/// <summary>All events of an endpoint's instance at or below a sequence have a delivery, or were filtered out.</summary>
internal readonly record struct EndpointPosition(long EndpointId, long Sequence);

/// <summary>A delivery that is to be attempted.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Envelope">The event; null where the store has it no longer and the log has to be asked.</param>
internal sealed record DueDelivery(DeliveryRow Delivery, byte[]? Envelope);
