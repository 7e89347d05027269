namespace VZaps.Protocol;

/// <summary>
/// Where an event stands in its instance's log; the event id is its text form, so a cursor resolves without an
/// index. From high to low: 48 bits of append time (Unix milliseconds), 48 bits of sequence (1, 2, 3 … in each
/// instance) and a 32-bit tag made of both and the instance, by which an id of another instance is told apart.
/// </summary>
/// <param name="Value">The 128 bits. Positions of one instance compare as their values do.</param>
public readonly record struct EventPosition(UInt128 Value)
{
    private const int SequenceBits = 48;
    private const ulong SequenceMask = (1UL << SequenceBits) - 1;

    /// <summary>Before the first event.</summary>
    public static EventPosition Start => default;

    /// <summary>The event's number in its instance's log, from 1, without holes.</summary>
    public long Sequence => (long)((ulong)(Value >> 32) & SequenceMask);

    /// <summary>When the event was appended; never decreases within an instance.</summary>
    public DateTimeOffset AppendedAt => DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(Value >> 80));

    /// <summary>The position of an instance's event.</summary>
    /// <param name="instance">The instance whose log it is.</param>
    /// <param name="appendedAtMs">Append time in Unix milliseconds, 0 to 2^48 - 1.</param>
    /// <param name="sequence">The number in the instance's log, 1 to 2^48 - 1.</param>
    public static EventPosition Create(InstanceId instance, long appendedAtMs, long sequence)
    {
        var tag = Tag(instance, (ulong)appendedAtMs, (ulong)sequence);
        return new EventPosition((UInt128)(ulong)appendedAtMs << 80 | (UInt128)(ulong)sequence << 32 | tag);
    }

    /// <summary>Whether this is a position that the instance's log could have given out.</summary>
    public bool BelongsTo(InstanceId instance) =>
        Sequence > 0 && (uint)Value == Tag(instance, (ulong)(Value >> 80), (ulong)Sequence);

    /// <summary>Whether it stands before the other; both are of one instance.</summary>
    public bool IsBefore(EventPosition other) => Value < other.Value;

    /// <summary>Reads an event id; false where the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> eventId, out EventPosition position)
    {
        Span<byte> utf8 = stackalloc byte[EventId.Length];
        position = default;
        return eventId.Length == EventId.Length
            && System.Text.Ascii.FromUtf16(eventId, utf8, out _) == System.Buffers.OperationStatus.Done
            && EventId.TryRead(utf8, out position);
    }

    /// <summary>Reads an event id in UTF-8; false where the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> eventId, out EventPosition position) => EventId.TryRead(eventId, out position);

    /// <summary>The event id: <c>evt_</c> and 26 characters of Crockford's base32.</summary>
    public override string ToString() => string.Create(EventId.Length, this, static (text, position) =>
    {
        Span<byte> utf8 = stackalloc byte[EventId.Length];
        EventId.Write(position, utf8);
        System.Text.Ascii.ToUtf16(utf8, text, out _);
    });

    /// <summary>A mixing of all three parts (the finalizer of SplitMix64): no secret, only unlikely by chance.</summary>
    private static uint Tag(InstanceId instance, ulong appendedAtMs, ulong sequence)
    {
        var hash = Mix(appendedAtMs << 16 ^ sequence);
        var text = instance.Value;
        for (var i = 2; i + 4 <= text.Length; i += 4)
            hash = Mix(hash ^ ((ulong)text[i] << 48 | (ulong)text[i + 1] << 32 | (ulong)text[i + 2] << 16 | text[i + 3]));
        return (uint)hash;
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
