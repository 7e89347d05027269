using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// How an idempotency key stands in its record: with the log's seed over it. A key may be any bytes that its sender likes, also those of a record with the right
/// checksum; so nobody who does not know the seed can have a recovery, which looks for sound records behind a damaged one, find one of his.
/// </summary>
internal static class KeyMask
{
    /// <summary>Masks a key, or takes the mask off.</summary>
    public static void Apply(UInt128 seed, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Span<UInt128> seeds = [seed];
        var mask = MemoryMarshal.AsBytes(seeds);
        for (var i = 0; i < key.Length; i++)
            destination[i] = (byte)(key[i] ^ mask[i & 15]);
    }
}
