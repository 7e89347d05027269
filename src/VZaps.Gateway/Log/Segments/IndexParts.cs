namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// The index of one instance, oldest part first: places of the blocks of closed files, then the chunks of the file that is written.
/// Nothing in it changes but the last chunk, which grows: whoever holds it reads on, whatever the writer does.
/// </summary>
internal sealed class IndexParts
{
    public static readonly IndexParts None = new([], 0, 0, []);

    // Shared with the parts that come after these: they write behind the end of these, where nobody looks.
    private readonly BlockPlace[] _places;
    private readonly int _start;
    private readonly int _closedCount;
    private readonly IndexChunk[] _open;

    private IndexParts(BlockPlace[] places, int start, int closedCount, IndexChunk[] open) =>
        (_places, _start, _closedCount, _open) = (places, start, closedCount, open);

    public int Count => _closedCount + _open.Length;

    /// <summary>The chunks of the file that is written.</summary>
    public ReadOnlySpan<IndexChunk> Open => _open;

    public BlockPlace this[int part] => part < _closedCount ? _places[_start + part] : _open[part - _closedCount].PlaceAt(0);

    /// <summary>The chunk of a part that is in memory; null where it has to be looked for by its place.</summary>
    public IndexChunk? OpenAt(int part) => part < _closedCount ? null : _open[part - _closedCount];

    /// <summary>The first part that ends behind a sequence.</summary>
    public int FirstBehind(long sequence)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].NextSequence > sequence + 1)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    public IndexParts With(IndexChunk chunk) => new(_places, _start, _closedCount, [.. _open, chunk]);

    public IndexParts WithoutFirst(int parts)
    {
        if (parts > _closedCount)
            return new IndexParts([], 0, 0, _open[(parts - _closedCount)..]);
        // What is let go of would else hold its file's tables for as long as the array lives.
        return _start + parts > _places.Length / 2
            ? new IndexParts(_places[(_start + parts)..(_start + _closedCount)], 0, _closedCount - parts, _open)
            : new IndexParts(_places, _start + parts, _closedCount - parts, _open);
    }

    /// <summary>With all open chunks closed, as these places; without a copy of those before them, mostly.</summary>
    public IndexParts WithOpenClosed(IReadOnlyList<BlockPlace> places)
    {
        var (all, start, end) = (_places, _start, _start + _closedCount);
        if (end + places.Count > all.Length)
        {
            all = new BlockPlace[Math.Max(_closedCount * 2, _closedCount + places.Count)];
            Array.Copy(_places, _start, all, 0, _closedCount);
            (start, end) = (0, _closedCount);
        }

        for (var i = 0; i < places.Count; i++)
            all[end + i] = places[i];
        return new IndexParts(all, start, _closedCount + places.Count, []);
    }
}
