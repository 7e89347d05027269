using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>Finds one event of a consumer again: in the log, or in a dead letter's copy where retention has removed it. Thread-safe.</summary>
internal sealed class EventLookup(IEventLog log, DeadLetterStore letters)
{
    /// <summary>The event; null where it is gone.</summary>
    /// <exception cref="IOException">The log could not be read.</exception>
    public async ValueTask<Envelope?> FindAsync(ConsumerKey key, long sequence, CancellationToken cancellationToken) =>
        await log.ReadOneAsync(key.Instance, sequence, cancellationToken)
        ?? (await letters.FindAsync(key, sequence, cancellationToken))?.ToEnvelope();
}
