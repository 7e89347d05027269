using System.Buffers;

namespace VZaps.Gateway.Ingest;

/// <summary>The bytes of one part of a form, as they come: a part may be larger than memory should hold.</summary>
internal static class PartBytes
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Takes some bytes; they are good until it returns.</summary>
    public delegate void Taker(ReadOnlySpan<byte> bytes);

    /// <summary>Hands on a part, some bytes at a time, to its end.</summary>
    /// <param name="part">The part.</param>
    /// <param name="take">Takes them.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    public static async Task ReadAsync(Stream part, Taker take, CancellationToken cancellationToken = default)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await part.ReadAsync(buffer, cancellationToken) is var read and > 0)
                take(buffer.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
