namespace VZaps.Gateway.Log.Segments;

/// <summary>Where an event's record is: 12 bytes an event, in memory and in a file's footer.</summary>
internal readonly record struct IndexEntry(uint OffsetUnits, uint LengthAndType, uint TimeDelta)
{
    public long Offset => (long)OffsetUnits * 8;
    public int EnvelopeLength => (int)(LengthAndType >> 4);
    public int TypeIndex => (int)(LengthAndType & 15);
}

/// <summary>Events of one instance that follow each other without a hole, in one file. One thread adds, any number reads.</summary>
internal sealed class IndexChunk(SegmentFile file, long firstSequence, long baseMs)
{
    public const int MaxEntries = 1024;
    private readonly int[] _countByType = new int[EventTypeSet.TypeCount];
    private volatile IndexEntry[] _entries = new IndexEntry[4];
    private volatile int _types;
    private volatile int _count;
    private uint _envelopeBytes;

    /// <summary>A chunk that is complete, as it was stored.</summary>
    public IndexChunk(BlockPlace place, IndexEntry[] entries)
        : this(place.File, place.FirstSequence, place.FirstMs)
    {
        foreach (var entry in entries)
            Count(entry);
        (_entries, _count) = (entries, entries.Length);
    }

    public SegmentFile File { get; } = file;
    public long FirstSequence { get; } = firstSequence;
    public long FirstMs => baseMs;
    public long NextSequence => FirstSequence + _count;
    public IndexEntry[] Entries => _entries;

    /// <summary>Where it is once it is closed; while it is written, what it has come to.</summary>
    public BlockPlace PlaceAt(uint units)
    {
        var count = _count; // before the types: they are those of all entries counted
        return new BlockPlace(File, FirstSequence, baseMs, units, count, _envelopeBytes, (ushort)_types, this);
    }

    public IndexEntry EntryOf(long sequence) => _entries[(int)(sequence - FirstSequence)];

    public long TimeMs(long sequence) => baseMs + EntryOf(sequence).TimeDelta;

    public bool Takes(SegmentFile file, long sequence, long timeMs) =>
        File == file && _count < MaxEntries && sequence == NextSequence && timeMs - baseMs is >= 0 and <= uint.MaxValue;

    public void Add(long offset, int envelopeLength, int typeIndex, long timeMs)
    {
        var entries = _entries;
        if (_count == entries.Length)
            Array.Resize(ref entries, Math.Min(MaxEntries, entries.Length * 2));
        entries[_count] = new IndexEntry((uint)(offset / 8), (uint)envelopeLength << 4 | (uint)typeIndex, (uint)(timeMs - baseMs));
        Count(entries[_count]);
        _entries = entries;
        _count++;
    }

    /// <summary>How many of the events from one sequence up to before another are of some types.</summary>
    public long CountOf(EventTypeSet types, long fromSequence, long endSequence)
    {
        var count = 0L;
        for (var sequence = Math.Max(fromSequence, FirstSequence); sequence < endSequence; sequence++)
            count += types.Contains(EntryOf(sequence).TypeIndex) ? 1 : 0;
        return count;
    }

    /// <summary>How many of all its events are of some types; it must be complete.</summary>
    public long CountOf(EventTypeSet types) => types.Indexes().Sum(type => (long)_countByType[type]);

    private void Count(in IndexEntry entry)
    {
        _countByType[entry.TypeIndex]++;
        _envelopeBytes += (uint)entry.EnvelopeLength;
        _types |= 1 << entry.TypeIndex;
    }
}
