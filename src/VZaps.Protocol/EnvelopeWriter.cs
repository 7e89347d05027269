using System.Text;

namespace VZaps.Protocol;

/// <summary>
/// Builds an envelope's bytes with room for the id, which only the log can give: who appends the event fills it in
/// with <see cref="FillId"/>, and the bytes are final.
/// </summary>
public static class EnvelopeWriter
{
    private const int IdOffset = 7; // behind {"id":"

    /// <summary>The length of the envelope that <see cref="Write"/> makes.</summary>
    public static int Measure(EventType type, int dataBytes) =>
        """{"id":"","type":"","instance_id":"","created_at":"","data":}""".Length
        + EventId.Length + type.Name.Length + InstanceId.Length + Rfc3339.Length + dataBytes;

    /// <summary>Writes an envelope whose id is still to be filled in.</summary>
    /// <param name="type">One of the nine types.</param>
    /// <param name="instance">The instance that the event is of.</param>
    /// <param name="createdAt">When it happened; goes out in UTC with milliseconds.</param>
    /// <param name="dataPrefix">What goes before <paramref name="data"/>; mostly empty.</param>
    /// <param name="data">The event's <c>data</c>: with the prefix a JSON object in UTF-8, taken as it is.</param>
    /// <param name="destination">At least <see cref="Measure"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Write(
        EventType type,
        InstanceId instance,
        DateTimeOffset createdAt,
        ReadOnlySpan<byte> dataPrefix,
        ReadOnlySpan<byte> data,
        Span<byte> destination)
    {
        var rest = destination;
        Copy("{\"id\":\""u8, ref rest);
        rest[..EventId.Length].Fill((byte)'0');
        rest = rest[EventId.Length..];
        Copy("\",\"type\":\""u8, ref rest);
        rest = rest[Encoding.ASCII.GetBytes(type.Name, rest)..];
        Copy("\",\"instance_id\":\""u8, ref rest);
        rest = rest[Encoding.ASCII.GetBytes(instance.Value, rest)..];
        Copy("\",\"created_at\":\""u8, ref rest);
        Rfc3339.Write(createdAt, rest);
        rest = rest[Rfc3339.Length..];
        Copy("\",\"data\":"u8, ref rest);
        Copy(dataPrefix, ref rest);
        Copy(data, ref rest);
        Copy("}"u8, ref rest);
        return destination.Length - rest.Length;
    }

    /// <summary>Fills in the id of an envelope made by <see cref="Write"/>; its bytes are final from then on.</summary>
    public static void FillId(Span<byte> envelope, EventPosition position) =>
        EventId.Write(position, envelope.Slice(IdOffset, EventId.Length));

    private static void Copy(ReadOnlySpan<byte> source, ref Span<byte> rest)
    {
        source.CopyTo(rest);
        rest = rest[source.Length..];
    }
}
