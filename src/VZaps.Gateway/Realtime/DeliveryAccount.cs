using VZaps.Gateway.Delivery;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// What one connection has out, and what its consumer is told of it. A connection of <c>ephemeral</c> has neither: what
/// was written to its socket counts as acked. Thread-safe.
/// </summary>
/// <param name="consumer">The consumer; null for <c>ephemeral</c>.</param>
/// <param name="window">The connection's window.</param>
internal sealed class DeliveryAccount(Consumer? consumer, DeliveryWindow window)
{
    /// <summary>How many more events may be sent now.</summary>
    public int Room => consumer is null ? int.MaxValue : window.Room;

    /// <summary>An event is about to be sent.</summary>
    public void Open(long sequence, byte typeIndex)
    {
        if (consumer is null)
            return;
        window.Open(sequence, typeIndex);
        consumer.MarkSent(sequence, typeIndex);
    }

    /// <summary>The client acked an event; false where it is neither out on this connection nor owed.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="madeRoom">Whether the window was full until now.</param>
    public bool TryAck(long sequence, out bool madeRoom)
    {
        madeRoom = false;
        if (consumer is null)
            return false;
        var wasOut = window.TryAck(sequence, out _, out var wasFull);
        madeRoom = wasOut && wasFull;
        // An ack may come for what an earlier connection of the consumer was sent: its handler finished after a cut.
        return consumer.TryAck(sequence) || wasOut;
    }
}
