using System.Numerics;

namespace VZaps.Gateway.Log.Segments;

/// <summary>Hashes an instance and a key, under the log's seed.</summary>
internal delegate ulong KeyHash(UInt128 seed, InstanceId instance, ReadOnlySpan<byte> key);

/// <summary>Where a key's first record is.</summary>
internal readonly record struct KeyPlace(SegmentFile File, long Offset);

/// <summary>Idempotency keys of the events in the log's files, by hash: the writer's alone.</summary>
/// <remarks>In shards, because a dictionary that doubles copies all of itself while every publisher waits.</remarks>
internal sealed class KeyTable
{
    private const int Shards = 64;
    private readonly Dictionary<ulong, KeyPlace>[] _first = Make<KeyPlace>();
    private readonly Dictionary<ulong, List<KeyPlace>>[] _others = Make<List<KeyPlace>>(); // same hash, other key: next to never

    public IEnumerable<KeyPlace> Find(ulong hash)
    {
        var shard = (int)(hash % Shards);
        if (!_first[shard].TryGetValue(hash, out var place))
            return [];
        return _others[shard].TryGetValue(hash, out var others) ? [place, .. others] : [place];
    }

    public void Add(ulong hash, KeyPlace place)
    {
        var shard = (int)(hash % Shards);
        place.File.Keys.Add(new KeyEntry(hash, (uint)(place.Offset / 8)));
        if (_first[shard].TryAdd(hash, place))
            return;
        if (!_others[shard].TryGetValue(hash, out var others))
            _others[shard][hash] = others = [];
        others.Add(place);
    }

    /// <summary>Forgets the keys of a file that goes.</summary>
    public void Drop(SegmentFile file)
    {
        foreach (var (hash, _) in file.Keys)
        {
            var shard = (int)(hash % Shards);
            if (_others[shard].Remove(hash, out var others))
            {
                others.Insert(0, _first[shard][hash]);
                others.RemoveAll(place => place.File == file);
                _first[shard].Remove(hash);
                if (others.Count > 0)
                    _first[shard][hash] = others[0];
                if (others.Count > 1)
                    _others[shard][hash] = others[1..];
            }
            else if (_first[shard].TryGetValue(hash, out var place) && place.File == file)
            {
                _first[shard].Remove(hash);
            }
        }

        file.Keys.Clear();
    }

    private static Dictionary<ulong, T>[] Make<T>() => [.. Enumerable.Range(0, Shards).Select(_ => new Dictionary<ulong, T>())];
}

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
