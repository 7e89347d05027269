namespace VZaps.Gateway.Log.Segments;

/// <summary>Parts of footers that were used last, up to a number of bytes. Thread-safe.</summary>
/// <param name="maxBytes">The bytes.</param>
/// <param name="bytesOf">What one takes, without the objects around it.</param>
internal sealed class BlockCache<T>(long maxBytes, Func<T, long> bytesOf)
    where T : class
{
    // What the objects around it take.
    private const int Overhead = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, T Part)>> _nodes = [];
    private readonly LinkedList<(Key Key, T Part)> _byUse = new();
    private long _bytes;

    public T? Find(SegmentFile file, long offset)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(new Key(file.Number, offset), out var node))
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Part;
        }
    }

    public void Add(SegmentFile file, long offset, T part)
    {
        var key = new Key(file.Number, offset);
        lock (_lock)
        {
            if (_nodes.ContainsKey(key))
                return; // read by two at once
            _nodes[key] = _byUse.AddFirst((key, part));
            _bytes += Overhead + bytesOf(part);
            while (_bytes > maxBytes && _byUse.Last is { } last && last != _byUse.First)
            {
                _byUse.RemoveLast();
                _nodes.Remove(last.Value.Key);
                _bytes -= Overhead + bytesOf(last.Value.Part);
            }
        }
    }

    private readonly record struct Key(long File, long Offset);
}
