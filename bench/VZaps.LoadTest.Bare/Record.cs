using System.Buffers.Binary;

namespace VZaps.LoadTest.Bare;

/// <summary>What stands before a request's frames in the file: their length and their topic.</summary>
internal readonly record struct Record(int Bytes, int Topic)
{
    public const int HeaderBytes = 8;

    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Topic);
    }

    public static Record Read(ReadOnlySpan<byte> header) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt32LittleEndian(header[4..]));
}
