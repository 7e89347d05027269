namespace VZaps.Gateway.Delivery;

/// <summary>
/// A set of sequences that is added to at its end and removed from anywhere: what a consumer owes of one type. Adding
/// and removing cost a binary search at most; removed places are taken out when they outnumber the rest. Not thread-safe.
/// </summary>
internal sealed class AscendingSequences
{
    private const int SmallestCompaction = 64;
    private long[] _items = new long[16]; // ascending; a removed one is kept as its complement until compaction
    private int _start;
    private int _end;

    /// <summary>How many are in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Places that it holds in memory, taken or free.</summary>
    public int Capacity => _items.Length;

    /// <summary>The lowest in the set; 0 where it is empty.</summary>
    public long First => Count == 0 ? 0 : _items[_start];

    /// <summary>Adds a sequence higher than all that were ever added.</summary>
    public void Add(long sequence)
    {
        if (_end == _items.Length)
            MakeRoom();
        _items[_end++] = sequence;
        Count++;
    }

    /// <summary>Removes a sequence; false where it is not in the set.</summary>
    public bool Remove(long sequence)
    {
        var index = IndexOfNext(sequence);
        if (index == _end || _items[index] != sequence)
            return false;
        _items[index] = ~sequence;
        Count--;
        while (_start < _end && _items[_start] < 0)
            _start++;
        if (_start == _end)
            (_start, _end) = (0, 0);
        return true;
    }

    /// <summary>Whether the sequence is in the set.</summary>
    public bool Contains(long sequence)
    {
        var index = IndexOfNext(sequence);
        return index < _end && _items[index] == sequence;
    }

    /// <summary>The lowest in the set that is higher than the given one; 0 where there is none.</summary>
    public long NextAfter(long sequence)
    {
        for (var index = IndexOfNext(sequence + 1); index < _end; index++)
        {
            if (_items[index] > 0)
                return _items[index];
        }

        return 0;
    }

    /// <summary>Those in the set, ascending.</summary>
    public IEnumerable<long> Items()
    {
        for (var index = _start; index < _end; index++)
        {
            if (_items[index] > 0)
                yield return _items[index];
        }
    }

    /// <summary>The first place, removed or not, of a sequence that is not below the given one.</summary>
    private int IndexOfNext(long sequence)
    {
        var (low, high) = (_start, _end);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var item = _items[middle];
            if ((item < 0 ? ~item : item) < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void MakeRoom()
    {
        var target = Count + SmallestCompaction <= _items.Length / 2 ? _items : new long[_items.Length * 2];
        var count = 0;
        for (var index = _start; index < _end; index++)
        {
            if (_items[index] > 0)
                target[count++] = _items[index];
        }

        (_items, _start, _end) = (target, 0, count);
    }
}
