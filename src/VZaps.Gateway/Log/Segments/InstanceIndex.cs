namespace VZaps.Gateway.Log.Segments;

/// <summary>Where one instance's events are, as the writer keeps it. One thread writes, any number reads without a lock.</summary>
/// <remarks>What readers see grows in this order: entry, chunk, last sequence; goes from the written file to the closed ones in this: closed files,
/// chunks; and shrinks in this: first sequence, closed files. So whoever reads the last sequence first, then the chunks, then the closed files,
/// finds all the entries up to it.</remarks>
internal sealed class InstanceIndex(InstanceId instance, InstanceKey key, int ordinal, SegmentIndex index)
{
    private volatile IndexChunk[] _open = [];
    private volatile SegmentFile? _lastRead;
    private long _first = 1;
    private long _last;

    // The writer's alone: the bytes of all retained envelopes, and of those that were trimmed from the block that has the first.
    private long _bytes;
    private long _trimmedBytes;
    private BlockPlace? _trimmedPlace;
    private IndexChunk? _trimmed;

    public InstanceId Instance { get; } = instance;
    public InstanceKey Key { get; } = key;

    /// <summary>A number of its own from 0 on, for as long as the log is open.</summary>
    public int Ordinal { get; } = ordinal;

    public IndexQueries Queries => new(this, index.Blocks);
    public long First => Volatile.Read(ref _first);
    public long Last => Volatile.Read(ref _last);

    /// <summary>The chunks of the file that is written.</summary>
    public IndexChunk[] Open => _open;

    public IndexParts Parts
    {
        get
        {
            var open = _open; // before the closed files: see above
            return new IndexParts(index, this, open, index.Closed.All);
        }
    }

    /// <summary>The closed file that was read last; a hint, for any thread.</summary>
    public SegmentFile? LastRead
    {
        get => _lastRead;
        set => _lastRead = value;
    }

    // The writer's alone: what it has given out, durable or on its way, and where the newest record is.
    public long AssignedSequence { get; set; }
    public long AssignedMs { get; set; }
    public SegmentFile? NewestFile { get; set; }

    /// <summary>The file in which room for its part of the footer was set aside; the writer's alone.</summary>
    public SegmentFile? FooterFile { get; set; }

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
        var open = _open;
        Begin(sequence);
        if (open is [.., var last] && last.Takes(file, sequence, timeMs))
        {
            last.Add(offset, envelopeLength, typeIndex, timeMs);
        }
        else
        {
            var chunk = new IndexChunk(file, sequence, timeMs);
            chunk.Add(offset, envelopeLength, typeIndex, timeMs);
            _open = [.. open, chunk];
        }

        _bytes += envelopeLength;
        NewestFile = file;
        Raise(sequence, timeMs);
    }

    /// <summary>A block of a closed file, as its directory has it.</summary>
    public void AddClosed(SegmentFile file, in DirectoryEntry entry)
    {
        Begin(entry.FirstSequence);
        _bytes += entry.EnvelopeBytes;
        NewestFile = file;
        Raise(entry.NextSequence - 1, entry.LastMs);
    }

    /// <summary>A mark: sequences up to this one have been given out.</summary>
    public void Mark(SegmentFile file, long sequence, long timeMs)
    {
        NewestFile = file;
        if (First > Last && sequence >= Last)
            Volatile.Write(ref _first, sequence + 1);
        Raise(Math.Max(sequence, Last), timeMs);
    }

    /// <summary>The file that was written is one of the closed: its chunks are found by its directory.</summary>
    public void Close() => _open = [];

    /// <summary>Lets the oldest events go until the rest has at most that many bytes; the newest one stays.</summary>
    public void TrimToBytes(long maxBytes)
    {
        while (_bytes > maxBytes && First < Last)
        {
            if (Oldest() is not { } oldest)
                return; // what cannot be read now is kept for now: no reason to refuse a publish
            var left = oldest.EnvelopeBytes - _trimmedBytes;
            if (oldest.NextSequence <= Last && _bytes - left >= maxBytes)
            {
                Pass(oldest.NextSequence, left);
                continue;
            }

            if (Load(oldest) is not { } block)
                return;
            var bytes = block.EntryOf(First).EnvelopeLength;
            if (First + 1 == oldest.NextSequence)
            {
                Pass(First + 1, bytes);
                continue;
            }

            _bytes -= bytes;
            _trimmedBytes += bytes;
            Volatile.Write(ref _first, First + 1);
        }
    }

    /// <summary>A block of a file that goes.</summary>
    public void Drop(in DirectoryEntry block)
    {
        if (!block.IsMark && block.NextSequence > First)
            Pass(block.NextSequence, block.EnvelopeBytes - _trimmedBytes);
    }

    /// <summary>A file has gone of which it is not known what it held: the events begin where the next part does. What went is counted as if all
    /// events were of one size, until the next start: to know it, every part would have to be looked at.</summary>
    /// <exception cref="IOException">The next part could not be found: then readers find where the events begin, and not before.</exception>
    public void DropUnread()
    {
        (_trimmedPlace, _trimmed) = (null, null); // they may be of that file
        var first = Parts.Find(First - 1)?.FirstSequence ?? Last + 1;
        if (first > First)
            Pass(first, (long)((double)_bytes * (first - First) / (Last + 1 - First)));
    }

    private void Begin(long sequence)
    {
        if (Last > 0 && sequence > Last + 1)
            index.Missing += sequence - Last - 1;
        if (First > Last)
            Volatile.Write(ref _first, sequence);
    }

    private void Pass(long nextSequence, long bytes)
    {
        Volatile.Write(ref _first, Math.Max(First, nextSequence));
        _bytes -= bytes;
        _trimmedBytes = 0;
        (_trimmedPlace, _trimmed) = (null, null);
    }

    /// <summary>The block that has the first event; null where it cannot be found now.</summary>
    private BlockPlace? Oldest()
    {
        try
        {
            // One that is written grows; any other is as it was.
            if (_trimmedPlace is null or { InMemory: not null })
                _trimmedPlace = Parts.Find(First - 1);
        }
        catch (IOException)
        {
            return null;
        }

        // Events may be missing in front of it.
        if (_trimmedPlace is { } place && place.FirstSequence > First)
        {
            Volatile.Write(ref _first, place.FirstSequence);
            _trimmedBytes = 0;
        }

        return _trimmedPlace;
    }

    private IndexChunk? Load(in BlockPlace place)
    {
        try
        {
            return _trimmed ??= index.Blocks.Find(Instance, place);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Raise(long sequence, long timeMs)
    {
        AssignedSequence = Math.Max(AssignedSequence, sequence);
        AssignedMs = Math.Max(AssignedMs, timeMs);
        Volatile.Write(ref _last, sequence);
    }
}
