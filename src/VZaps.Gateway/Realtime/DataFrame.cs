using System.Buffers.Binary;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// The header of a server's text frame (RFC 6455, section 5.2): unmasked and whole, so it is the length and nothing else.
/// <code>
///  0      1        2          4                  10
/// ┌──────┬────────┬──────────┬──────────────────┐
/// │ 0x81 │ 0..125 │          │                  │   FIN and text; up to 125 bytes of payload
/// │ 0x81 │ 126    │ 16 bits  │                  │   up to 65,535
/// │ 0x81 │ 127    │ 64 bits                     │   more
/// └──────┴────────┴─────────────────────────────┘
/// </code>
/// </summary>
internal static class DataFrame
{
    public const int MaxHeaderLength = 10;

    private const byte WholeText = 0x81;

    /// <summary>Bytes of the header of a payload.</summary>
    public static int HeaderLength(int payloadLength) => payloadLength switch
    {
        <= 125 => 2,
        <= ushort.MaxValue => 4,
        _ => MaxHeaderLength,
    };

    /// <summary>Writes a header; how many bytes it has.</summary>
    public static int WriteHeader(Span<byte> destination, int payloadLength)
    {
        destination[0] = WholeText;
        switch (HeaderLength(payloadLength))
        {
            case 2:
                destination[1] = (byte)payloadLength;
                return 2;
            case 4:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                return 4;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
                return MaxHeaderLength;
        }
    }
}
