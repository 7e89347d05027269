namespace VZaps.Gateway.Log.Segments;

/// <summary>Where a key's record is: that of its event, or, once that has gone, one of the key alone.</summary>
internal readonly record struct KeyPlace(SegmentFile File, long Offset);

/// <summary>
/// The hashes of all idempotency keys that count, and where their records are: the writer's alone. At most 20 bytes a key. A hash says maybe;
/// the record has the key itself.
/// </summary>
/// <remarks>In shards, because a table that grows copies all of itself while every publisher waits: at ten million keys a shard has 10,000.
/// Keys of files that have gone are not looked for one by one: they are found dead, and left out when their shard grows.</remarks>
internal sealed class KeyTable
{
    private const int ShardBits = 10;
    private readonly KeyShard[] _shards = [.. Enumerable.Range(0, 1 << ShardBits).Select(_ => new KeyShard())];
    private readonly Dictionary<uint, SegmentFile> _files = [];

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _shards.Sum(shard => shard.Bytes);

    /// <summary>A file whose keys count from now on; in place of another of that number, if there is one.</summary>
    public void Attach(SegmentFile file) => _files[file.Generation] = file;

    /// <summary>Forgets the keys of a file that goes.</summary>
    public void Forget(SegmentFile file) => _files.Remove(file.Generation);

    public void Add(ulong hash, SegmentFile file, uint units) => ShardOf(hash).Add((uint)hash, file.Generation, units, _files);

    /// <summary>The record of a key is elsewhere now, in the file that has taken the number of the one before.</summary>
    public void Move(in KeyEntry key, SegmentFile file, uint units) => ShardOf(key.Hash).Move((uint)key.Hash, file.Generation, key.OffsetUnits, units);

    public IEnumerable<KeyPlace> Find(ulong hash) => ShardOf(hash).Has((uint)hash) ? Places(hash) : [];

    private IEnumerable<KeyPlace> Places(ulong hash)
    {
        foreach (var (number, units) in ShardOf(hash).Find((uint)hash))
        {
            if (_files.TryGetValue(number, out var file))
                yield return new KeyPlace(file, units * 8L);
        }
    }

    private KeyShard ShardOf(ulong hash) => _shards[hash >> (64 - ShardBits)];
}
