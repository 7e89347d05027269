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

    // Copied on each change: shards that grow at a start read it on other threads.
    private volatile Dictionary<uint, SegmentFile> _files = [];

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _shards.Sum(shard => shard.Bytes);

    /// <summary>Makes room for so many keys at once: a table that grows key by key enters each of them some five times.</summary>
    public void Reserve(long keys)
    {
        foreach (var shard in _shards)
            shard.Fit((int)Math.Min(keys / _shards.Length, int.MaxValue / 64), _files);
    }

    /// <summary>Gives back what was reserved and is far more than the keys need.</summary>
    public void Fit()
    {
        foreach (var shard in _shards)
            shard.Fit(shard.Count, _files);
    }

    /// <summary>A file whose keys count from now on.</summary>
    public void Attach(SegmentFile file) => _files = new Dictionary<uint, SegmentFile>(_files) { [file.KeyTableNumber] = file };

    /// <summary>Forgets the keys of a file that goes.</summary>
    public void Forget(SegmentFile file)
    {
        var files = new Dictionary<uint, SegmentFile>(_files);
        files.Remove(file.KeyTableNumber);
        _files = files;
    }

    public void Add(ulong hash, SegmentFile file, uint units) => ShardOf(hash).Add((uint)hash, file.KeyTableNumber, units, _files);

    /// <summary>The record of a key is in another file now.</summary>
    public void Move(in KeyEntry key, SegmentFile from, SegmentFile to, uint units) =>
        ShardOf(key.Hash).Move((uint)key.Hash, (from.KeyTableNumber, key.OffsetUnits), (to.KeyTableNumber, units));

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
