using System.Text;

namespace VZaps.LoadTest.Events;

/// <summary>Events as a subscriber sees them: what stands where in an envelope.</summary>
internal static class EnvelopeText
{
    public const int IdOffset = 7; // behind {"id":"
    public const int IdLength = 30;
    private const int InstanceIdLength = 34;

    private static readonly byte[] Head = Encoding.ASCII.GetBytes(
        "{\"id\":\"evt_" + new string('0', IdLength - 4) + "\",\"type\":\"Message\",\"instance_id\":\"VZ" + new string('0', InstanceIdLength - 2)
        + "\",\"created_at\":\"2026-06-23T22:57:17.000Z\",\"data\":");

    private static readonly int NumberOffset = Head.Length + MessageLines.NumberInData;

    /// <summary>Bytes of an envelope.</summary>
    public static int Bytes => Head.Length + MessageLines.DataBytes + 1;

    /// <summary>Whether a message is about an event, and not of the connection.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> message) => message.StartsWith("{\"id\":\"evt_"u8);

    /// <summary>Reads an event's number.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    public static int NumberOf(ReadOnlySpan<byte> envelope)
    {
        if (envelope.Length > NumberOffset && envelope[..NumberOffset].EndsWith("3EB0"u8) && MessageLines.TryReadNumber(envelope[NumberOffset..], out var number))
            return number;
        throw new InvalidDataException($"An event came back without its number: {Encoding.UTF8.GetString(envelope[..Math.Min(envelope.Length, 200)])}");
    }

    /// <summary>Writes an envelope with an id of zeros, for a system that gives no ids.</summary>
    public static void Write(int number, Span<byte> envelope)
    {
        Head.CopyTo(envelope);
        MessageLines.WriteData(number, envelope[Head.Length..]);
        envelope[Bytes - 1] = (byte)'}';
    }
}
