using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace VZaps.LoadTest.Bare;

/// <summary>Reads a client's frames, and counts the acks among them. Holds no memory while there is nothing to read.</summary>
internal sealed class AckReader(Stream stream, AckTotal acks)
{
    private const int BufferBytes = 16 << 10;
    private const int CloseOpcode = 8;

    /// <summary>Reads until the client closes.</summary>
    [SuppressMessage("Reliability", "CA2022", Justification = "A read of nothing reads nothing.")]
    public async Task RunAsync()
    {
        while (true)
        {
            // It ends when there is something to read, or the client has gone.
            _ = await stream.ReadAsync(Memory<byte>.Empty);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            var isOpen = await ReadSomeAsync(buffer);
            ArrayPool<byte>.Shared.Return(buffer);
            if (!isOpen)
                return;
        }
    }

    /// <summary>Reads to the end of a frame.</summary>
    private async ValueTask<bool> ReadSomeAsync(byte[] buffer)
    {
        var filled = 0;
        do
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled));
            if (read == 0)
                return false;
            filled += read;
            var taken = Take(buffer.AsSpan(0, filled), out var isClosed);
            if (isClosed)
                return false;
            buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
            filled -= taken;
        }
        while (filled > 0);
        return true;
    }

    private int Take(Span<byte> bytes, out bool isClosed)
    {
        var (taken, count) = (0, 0);
        isClosed = false;
        while (TryCut(bytes[taken..], out var length, out var payload))
        {
            isClosed |= (bytes[taken] & 0xF) == CloseOpcode;
            var text = bytes.Slice(taken + payload, length - payload);
            Unmask(text, bytes.Slice(taken + payload - 4, 4));
            if (IsAck(text))
                count++;
            taken += length;
        }

        acks.Add(count);
        return taken;
    }

    private static bool IsAck(ReadOnlySpan<byte> text) =>
        text.IndexOf("\"ack\""u8) > 0 && text.IndexOf("\"event_id\":\"evt_"u8) is var id && id > 0 && text.Length - id - 12 >= EventIds.Length;

    private static bool TryCut(ReadOnlySpan<byte> bytes, out int length, out int payload)
    {
        (length, payload) = (0, 0);
        if (bytes.Length < 6)
            return false;
        var size = bytes[1] & 0x7F;
        if (size == 126 && bytes.Length < 8)
            return false;
        // A client's message has at most 65,536 bytes; ours have 58.
        (payload, length) = size == 126 ? (8, 8 + BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])) : (6, 6 + size);
        return bytes.Length >= length;
    }

    private static void Unmask(Span<byte> text, ReadOnlySpan<byte> mask)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(mask) == 0)
            return;
        for (var i = 0; i < text.Length; i++)
            text[i] ^= mask[i & 3];
    }
}
