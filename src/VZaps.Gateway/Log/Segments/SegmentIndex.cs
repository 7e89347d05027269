using System.Collections.Concurrent;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The indexes of all instances.</summary>
internal sealed class SegmentIndex(IndexBlocks blocks)
{
    private readonly ConcurrentDictionary<InstanceId, InstanceIndex> _instances = new();

    public ICollection<InstanceIndex> All => _instances.Values;

    public InstanceIndex? Find(InstanceId instance) => _instances.GetValueOrDefault(instance);

    public InstanceIndex Get(InstanceId instance) => _instances.GetOrAdd(instance, static (id, blocks) => new InstanceIndex(id, blocks), blocks);
}
