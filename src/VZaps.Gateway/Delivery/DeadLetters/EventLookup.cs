using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>Finds one event again: in the log, or in a dead letter's copy where retention has removed it. Thread-safe.</summary>
internal sealed class EventLookup(IEventLog log, DeadLetters letters)
{
    private static readonly LogPageLimits One = new(MaxEvents: 1, MaxBytes: 1);

    /// <summary>The event; null where it is gone.</summary>
    public async ValueTask<Envelope?> FindAsync(ConsumerKey key, long sequence, byte typeIndex, CancellationToken cancellationToken)
    {
        var page = await log.ReadAsync(key.Instance, sequence - 1, EventTypeSet.Of(EventType.Known[typeIndex]), One, cancellationToken);
        if (page.Envelopes.Count > 0 && page.Envelopes[0].Position.Sequence == sequence)
            return page.Envelopes[0];
        return (await letters.ReadAsync(key, sequence, cancellationToken))?.Envelope;
    }
}
