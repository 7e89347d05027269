namespace VZaps.Gateway.Delivery;

/// <summary>
/// The open deliveries of one connection: sent and not yet acked, bounded. Pure logic, no I/O. Thread-safe: the sending
/// loop opens, the receiving loop acks.
/// </summary>
/// <param name="capacity">Most open deliveries, 1 and up.</param>
internal sealed class DeliveryWindow(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, byte> _open = [];

    /// <summary>Most open deliveries.</summary>
    public int Capacity => capacity;

    /// <summary>How many more may be opened.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
                return capacity - _open.Count;
        }
    }

    /// <summary>Opens a delivery.</summary>
    /// <exception cref="InvalidOperationException">The window is full, or the event is out already.</exception>
    public void Open(long sequence, byte typeIndex)
    {
        lock (_lock)
        {
            if (_open.Count >= capacity || !_open.TryAdd(sequence, typeIndex))
                throw new InvalidOperationException($"Event {sequence} cannot be opened: {_open.Count} of {capacity} are out.");
        }
    }

    /// <summary>Closes an acked delivery; false where the event is not out.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="typeIndex">Its type.</param>
    /// <param name="wasFull">Whether the window was full before: then a sender may be waiting for room.</param>
    public bool TryAck(long sequence, out byte typeIndex, out bool wasFull)
    {
        lock (_lock)
        {
            wasFull = _open.Count == capacity;
            return _open.Remove(sequence, out typeIndex);
        }
    }
}
