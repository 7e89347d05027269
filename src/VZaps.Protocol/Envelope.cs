namespace VZaps.Protocol;

/// <summary>
/// One event as it goes over the wire: its final UTF-8 bytes, made once when it is appended and never parsed again
/// on the way out.
/// </summary>
/// <param name="Position">Where it stands in its instance's log.</param>
/// <param name="TypeIndex">The <see cref="EventType.Index"/> of its type, 0 to 8.</param>
/// <param name="Utf8">The bytes of <c>{"id":…,"type":…,"instance_id":…,"created_at":…,"data":{…}}</c>.</param>
public readonly record struct Envelope(EventPosition Position, byte TypeIndex, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>The event's type.</summary>
    public EventType Type => EventType.Known[TypeIndex];
}
