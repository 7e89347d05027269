namespace VZaps.Gateway.Log.Segments;

/// <summary>Where an event's record is: 12 bytes an event.</summary>
internal readonly record struct IndexEntry(uint OffsetUnits, uint LengthAndType, uint TimeDelta)
{
    public long Offset => (long)OffsetUnits * 8;
    public int EnvelopeLength => (int)(LengthAndType >> 4);
    public int TypeIndex => (int)(LengthAndType & 15);
}

/// <summary>Events of one instance that follow each other without a hole, in one file.</summary>
internal sealed class IndexChunk(SegmentFile file, long firstSequence, long baseMs)
{
    private const int MaxEntries = 1024;
    public volatile IndexEntry[] Entries = new IndexEntry[4];
    private volatile int _count;

    public SegmentFile File { get; } = file;
    public long FirstSequence { get; } = firstSequence;
    public int Count => _count;
    public long NextSequence => FirstSequence + _count;
    public long TimeMs(int index) => baseMs + Entries[index].TimeDelta;

    public bool Takes(SegmentFile file, long sequence, long timeMs) =>
        File == file && _count < MaxEntries && sequence == NextSequence && timeMs - baseMs <= uint.MaxValue;

    public void Add(long offset, int envelopeLength, int typeIndex, long timeMs)
    {
        var entries = Entries;
        if (_count == entries.Length)
            Array.Resize(ref entries, Math.Min(MaxEntries, entries.Length * 2));
        entries[_count] = new IndexEntry((uint)(offset / 8), (uint)envelopeLength << 4 | (uint)typeIndex, (uint)(timeMs - baseMs));
        Entries = entries;
        _count++;
    }
}

/// <summary>Where one instance's events are. One thread writes, any number reads without a lock.</summary>
/// <remarks>What readers see grows in this order: entry, chunk, last sequence; and shrinks in this: first sequence,
/// chunks, file. So whoever reads the last sequence first finds all the entries up to it.</remarks>
internal sealed class InstanceIndex(InstanceId instance)
{
    private volatile IndexChunk[] _chunks = [];
    private long _first = 1;
    private long _last;
    private long _bytes;

    public InstanceId Instance { get; } = instance;
    public IndexChunk[] Chunks => _chunks;
    public long First => Volatile.Read(ref _first);
    public long Last => Volatile.Read(ref _last);

    // The writer's alone: what it has given out, durable or on its way, and where the newest record is.
    public long AssignedSequence { get; set; }
    public long AssignedMs { get; set; }
    public SegmentFile? NewestFile { get; set; }

    /// <summary>Takes back the sequences of what was not stored after all, so that there is no hole. Times do not go back.</summary>
    public void TakeBackAssigned() => AssignedSequence = Last;

    public LogRange Range
    {
        get
        {
            var first = First; // before the last: both only rise, and first never passes last + 1
            return new LogRange(first, Last);
        }
    }

    public void Add(SegmentFile file, long sequence, long timeMs, long offset, int envelopeLength, int typeIndex)
    {
        var chunks = _chunks;
        if (chunks.Length == 0 || !chunks[^1].Takes(file, sequence, timeMs))
        {
            if (chunks.Length == 0)
                Volatile.Write(ref _first, sequence);
            var chunk = new IndexChunk(file, sequence, timeMs);
            chunk.Add(offset, envelopeLength, typeIndex, timeMs);
            _chunks = [.. chunks, chunk];
        }
        else
        {
            chunks[^1].Add(offset, envelopeLength, typeIndex, timeMs);
        }

        _bytes += envelopeLength;
        NewestFile = file;
        Raise(sequence, timeMs);
    }

    /// <summary>A mark: sequences up to this one have been given out.</summary>
    public void Mark(SegmentFile file, long sequence, long timeMs)
    {
        NewestFile = file;
        if (_chunks.Length == 0 && sequence >= Last)
            Volatile.Write(ref _first, sequence + 1);
        Raise(Math.Max(sequence, Last), timeMs);
    }

    private void Raise(long sequence, long timeMs)
    {
        AssignedSequence = Math.Max(AssignedSequence, sequence);
        AssignedMs = Math.Max(AssignedMs, timeMs);
        Volatile.Write(ref _last, sequence);
    }

    /// <summary>Lets the oldest events go until the rest has at most that many bytes; the newest one stays.</summary>
    public void TrimToBytes(long maxBytes)
    {
        while (_bytes > maxBytes && First < Last)
        {
            var chunk = _chunks[0];
            _bytes -= chunk.Entries[(int)(First - chunk.FirstSequence)].EnvelopeLength;
            if (First + 1 < chunk.NextSequence)
            {
                Volatile.Write(ref _first, First + 1);
                continue;
            }

            Volatile.Write(ref _first, _chunks.Length > 1 ? _chunks[1].FirstSequence : Last + 1);
            _chunks = _chunks[1..];
        }
    }

    public void Drop(SegmentFile file)
    {
        var chunks = _chunks;
        var dropped = 0;
        for (; dropped < chunks.Length && chunks[dropped].File == file; dropped++)
        {
            for (var sequence = Math.Max(First, chunks[dropped].FirstSequence); sequence < chunks[dropped].NextSequence; sequence++)
                _bytes -= chunks[dropped].Entries[(int)(sequence - chunks[dropped].FirstSequence)].EnvelopeLength;
        }

        if (dropped == 0)
            return;
        Volatile.Write(ref _first, dropped < chunks.Length ? Math.Max(First, chunks[dropped].FirstSequence) : Last + 1);
        _chunks = chunks[dropped..];
    }

    /// <summary>How many events of some types follow a sequence.</summary>
    public long CountAfter(EventTypeSet types, long afterSequence)
    {
        var last = Last; // before the chunks: they hold all up to it
        var first = Math.Max(afterSequence + 1, First);
        if (types == EventTypeSet.All)
            return Math.Max(0, last + 1 - first);
        var count = 0L;
        foreach (var chunk in _chunks)
        {
            var end = Math.Min(chunk.NextSequence, last + 1);
            for (var sequence = Math.Max(first, chunk.FirstSequence); sequence < end; sequence++)
                count += types.Contains(chunk.Entries[(int)(sequence - chunk.FirstSequence)].TypeIndex) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The first event of some types behind a sequence, and when it was appended; null where there is none.</summary>
    public (long Sequence, long TimeMs)? FindNext(EventTypeSet types, long afterSequence)
    {
        var last = Last;
        var first = Math.Max(afterSequence + 1, First);
        foreach (var chunk in _chunks)
        {
            var end = Math.Min(chunk.NextSequence, last + 1);
            for (var sequence = Math.Max(first, chunk.FirstSequence); sequence < end; sequence++)
            {
                var index = (int)(sequence - chunk.FirstSequence);
                if (types.Contains(chunk.Entries[index].TypeIndex))
                    return (sequence, chunk.TimeMs(index));
            }
        }

        return null;
    }

    public long FindSequenceBefore(DateTimeOffset time)
    {
        var last = Last;
        var chunks = _chunks;
        var found = First - 1;
        // Times never decrease: the last chunk that begins before the time has the answer.
        for (int low = 0, high = chunks.Length - 1; low <= high;)
        {
            var middle = (low + high) / 2;
            if (!IsBefore(chunks[middle], 0, time))
            {
                high = middle - 1;
                continue;
            }

            found = Math.Max(found, LastBefore(chunks[middle], time));
            low = middle + 1;
        }

        return Math.Min(found, last);
    }

    private static long LastBefore(IndexChunk chunk, DateTimeOffset time)
    {
        var (low, high) = (0, chunk.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (IsBefore(chunk, middle, time))
                low = middle;
            else
                high = middle - 1;
        }

        return chunk.FirstSequence + low;
    }

    private static bool IsBefore(IndexChunk chunk, int index, DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(chunk.TimeMs(index)) < time;
}
