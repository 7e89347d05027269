using System.Collections.Concurrent;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The indexes of all instances. One thread adds (the recovery, then the writer), any number reads.</summary>
internal sealed class SegmentIndex(IndexBlocks blocks, DirectoryPages pages)
{
    private readonly ConcurrentDictionary<InstanceKey, InstanceIndex> _instances = new();
    private int _count;

    public ICollection<InstanceIndex> All => _instances.Values;

    /// <summary>The files that are not written any more.</summary>
    public ClosedFiles Closed { get; } = new();

    public DirectoryPages Pages => pages;

    public IndexBlocks Blocks => blocks;

    public InstanceIndex? Find(InstanceId instance) => _instances.GetValueOrDefault(InstanceKey.Of(instance));

    public InstanceIndex? Find(in InstanceKey key) => _instances.GetValueOrDefault(key);

    public InstanceIndex Get(InstanceId instance) => Get(InstanceKey.Of(instance), instance);

    /// <summary>The index of the instance that a record or a directory names.</summary>
    public InstanceIndex Get(in InstanceKey key) => _instances.TryGetValue(key, out var known) ? known : Get(key, key.ToInstance());

    /// <summary>Events that are not there though later ones of their instance are, as far as has been seen; the recovery's alone.</summary>
    public long Missing { get; set; }

    private InstanceIndex Get(InstanceKey key, InstanceId instance)
    {
        if (_instances.TryGetValue(key, out var known))
            return known;
        return _instances[key] = new InstanceIndex(instance, key, _count++, this);
    }
}

/// <summary>The files that are not written any more, oldest first. One thread changes it, any number reads.</summary>
internal sealed class ClosedFiles
{
    private volatile SegmentFile[] _all = [];

    public SegmentFile[] All => _all;

    public void Add(SegmentFile file) => _all = [.. _all, file];

    public void Remove(SegmentFile file) => _all = [.. _all.Where(other => other != file)];
}
