using System.Runtime.CompilerServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The index blocks that were used last, up to a number of bytes. Thread-safe.</summary>
internal sealed class BlockCache(long maxBytes)
{
    // What the objects around a block's entries take.
    private const int Overhead = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, IndexChunk Chunk)>> _nodes = [];
    private readonly LinkedList<(Key Key, IndexChunk Chunk)> _byUse = new();
    private long _bytes;

    public IndexChunk? Find(in BlockPlace place)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(new Key(place.File.Number, place.Units), out var node))
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Chunk;
        }
    }

    public void Add(in BlockPlace place, IndexChunk chunk)
    {
        var key = new Key(place.File.Number, place.Units);
        lock (_lock)
        {
            if (_nodes.ContainsKey(key))
                return; // read by two at once
            _nodes[key] = _byUse.AddFirst((key, chunk));
            _bytes += BytesOf(chunk);
            while (_bytes > maxBytes && _byUse.Last is { } last && last != _byUse.First)
            {
                _byUse.RemoveLast();
                _nodes.Remove(last.Value.Key);
                _bytes -= BytesOf(last.Value.Chunk);
            }
        }
    }

    private static long BytesOf(IndexChunk chunk) => Overhead + ((long)chunk.Entries.Length * Unsafe.SizeOf<IndexEntry>());

    private readonly record struct Key(long File, uint Units);
}
