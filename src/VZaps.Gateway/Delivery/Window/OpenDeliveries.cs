using System.Diagnostics.CodeAnalysis;

namespace VZaps.Gateway.Delivery;

/// <summary>
/// The open deliveries themselves: found by their event, walked in the order in which they were sent first. One that was
/// closed is used again, so a delivery costs no allocation once as many were open before. Not thread-safe.
/// </summary>
internal sealed class OpenDeliveries
{
    private readonly Dictionary<long, OpenDelivery> _byEvent = [];
    private OpenDelivery? _newest;
    private OpenDelivery? _free; // linked by Next

    public int Count => _byEvent.Count;

    /// <summary>The one that was sent first; the others follow it by <see cref="OpenDelivery.Next"/>.</summary>
    public OpenDelivery? Oldest { get; private set; }

    public bool Contains(long sequence) => _byEvent.ContainsKey(sequence);

    public bool TryGet(long sequence, [NotNullWhen(true)] out OpenDelivery? delivery) => _byEvent.TryGetValue(sequence, out delivery);

    /// <summary>Adds an event behind all others; false where it is open already.</summary>
    public bool TryAdd(long sequence, byte typeIndex, bool isReplay, [NotNullWhen(true)] out OpenDelivery? added)
    {
        added = null;
        var delivery = _free ?? new OpenDelivery();
        if (!_byEvent.TryAdd(sequence, delivery))
            return false;
        _free = delivery == _free ? delivery.Next : _free;
        delivery.Reset(sequence, typeIndex, isReplay);
        delivery.Previous = _newest;
        if (_newest is null)
            Oldest = delivery;
        else
            _newest.Next = delivery;
        added = _newest = delivery;
        return true;
    }

    /// <summary>Takes a delivery out; whoever walks has to have its next one already.</summary>
    public void Remove(OpenDelivery delivery)
    {
        _byEvent.Remove(delivery.Sequence);
        if (delivery.Previous is null)
            Oldest = delivery.Next;
        else
            delivery.Previous.Next = delivery.Next;
        if (delivery.Next is null)
            _newest = delivery.Previous;
        else
            delivery.Next.Previous = delivery.Previous;
        (delivery.Previous, delivery.Next) = (null, _free);
        _free = delivery;
    }
}
