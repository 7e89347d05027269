using System.Numerics;

namespace VZaps.Gateway.Log.Segments;

/// <summary>Hashes an instance and a key, under the log's seed.</summary>
internal delegate ulong KeyHash(UInt128 seed, InstanceId instance, ReadOnlySpan<byte> key);

/// <summary>SipHash-2-4, keyed: nobody who may choose keys can make them collide on purpose.</summary>
internal static class SipKeyHash
{
    public static ulong Compute(UInt128 seed, InstanceId instance, ReadOnlySpan<byte> key)
    {
        var (k0, k1) = ((ulong)seed, (ulong)(seed >> 64));
        var (v0, v1, v2, v3) = (k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573);
        Span<byte> text = stackalloc byte[InstanceId.Length + 6 + 256];
        text.Clear();
        System.Text.Encoding.ASCII.GetBytes(instance.Value, text);
        key.CopyTo(text[(InstanceId.Length + 6)..]);
        var total = InstanceId.Length + 6 + key.Length;
        for (var at = 0; at < total; at += 8)
            Absorb(BitConverter.ToUInt64(text.Slice(at, 8)), ref v0, ref v1, ref v2, ref v3);
        Absorb((ulong)total << 56, ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xff;
        for (var i = 0; i < 4; i++)
            Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Absorb(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
