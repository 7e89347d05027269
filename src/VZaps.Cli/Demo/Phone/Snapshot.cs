using System.Buffers.Binary;
using System.IO.Compression;

namespace VZaps.Cli.Demo.Phone;

/// <summary>A picture that somebody sends: a real file, so that its link opens. Two colours that run into each other, as a PNG. Pure.</summary>
internal static class Snapshot
{
    public const string MimeType = "image/png";
    public const int Width = 320, Height = 240;

    private const int BytesPerPixel = 3, BitsPerChannel = 8, TrueColour = 2;
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Draws one; the same seed draws the same.</summary>
    public static byte[] Draw(Random random)
    {
        var colours = new byte[2 * BytesPerPixel];
        random.NextBytes(colours);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (BitsPerChannel, TrueColour);
        using var file = new MemoryStream();
        file.Write(Signature);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Pixels(colours));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Pixels(byte[] colours)
    {
        using var packed = new MemoryStream();
        using (var pixels = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (Width * BytesPerPixel)]; // with the number of its filter before it: none
            for (var y = 0; y < Height; y++)
            {
                for (var x = 0; x < Width; x++)
                {
                    var share = (x + y) / (double)(Width + Height);
                    for (var channel = 0; channel < BytesPerPixel; channel++)
                        row[1 + (x * BytesPerPixel) + channel] = (byte)((colours[channel] * (1 - share)) + (colours[BytesPerPixel + channel] * share));
                }

                pixels.Write(row);
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Check(Check(uint.MaxValue, type), data));
        file.Write(number);
    }

    /// <summary>The CRC-32 that PNG has (ISO 3309), without its inversions.</summary>
    private static uint Check(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            crc ^= next;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xedb88320;
        }

        return crc;
    }
}
