namespace VZaps.Gateway.Log.Segments;

/// <summary>Where one instance's events are, as the writer keeps it. One thread writes, any number reads without a lock.</summary>
/// <remarks>What readers see grows in this order: entry, part, last sequence; and shrinks in this: first sequence,
/// parts, file. So whoever reads the last sequence first finds all the entries up to it.</remarks>
internal sealed class InstanceIndex(InstanceId instance, IndexBlocks blocks)
{
    private volatile IndexParts _parts = IndexParts.None;
    private long _first = 1;
    private long _last;

    // The writer's alone: the bytes of all retained envelopes, and of those that were trimmed from the first part.
    private long _bytes;
    private long _trimmedBytes;
    private IndexChunk? _trimmed;

    public InstanceId Instance { get; } = instance;
    public IndexParts Parts => _parts;
    public IndexQueries Queries => new(this, blocks);
    public long First => Volatile.Read(ref _first);
    public long Last => Volatile.Read(ref _last);

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
        var parts = _parts;
        if (parts.Open is [.., var last] && last.Takes(file, sequence, timeMs))
        {
            last.Add(offset, envelopeLength, typeIndex, timeMs);
        }
        else
        {
            if (parts.Count == 0)
                Volatile.Write(ref _first, sequence);
            var chunk = new IndexChunk(file, sequence, timeMs);
            chunk.Add(offset, envelopeLength, typeIndex, timeMs);
            _parts = parts.With(chunk);
        }

        _bytes += envelopeLength;
        NewestFile = file;
        Raise(sequence, timeMs);
    }

    /// <summary>A block of a closed file, as its footer has it.</summary>
    public void AddClosed(in BlockPlace place, long lastMs)
    {
        if (_parts.Count == 0)
            Volatile.Write(ref _first, place.FirstSequence);
        _parts = _parts.WithOpenClosed([place]);
        _bytes += place.EnvelopeBytes;
        NewestFile = place.File;
        Raise(place.NextSequence - 1, lastMs);
    }

    /// <summary>A mark: sequences up to this one have been given out.</summary>
    public void Mark(SegmentFile file, long sequence, long timeMs)
    {
        NewestFile = file;
        if (_parts.Count == 0 && sequence >= Last)
            Volatile.Write(ref _first, sequence + 1);
        Raise(Math.Max(sequence, Last), timeMs);
    }

    /// <summary>The file that was written is closed: its chunks are where these places say.</summary>
    public void Close(IReadOnlyList<BlockPlace> places) => _parts = _parts.WithOpenClosed(places);

    /// <summary>Lets the oldest events go until the rest has at most that many bytes; the newest one stays.</summary>
    public void TrimToBytes(long maxBytes)
    {
        while (_bytes > maxBytes && First < Last)
        {
            var oldest = _parts[0];
            var left = oldest.EnvelopeBytes - _trimmedBytes;
            if (_parts.Count > 1 && _bytes - left >= maxBytes)
            {
                RemoveFirst(1, left);
                continue;
            }

            if (_trimmed?.FirstSequence != oldest.FirstSequence && !TryLoadTrimmed(oldest))
                return;
            var bytes = _trimmed!.EntryOf(First).EnvelopeLength;
            if (First + 1 == oldest.NextSequence)
            {
                RemoveFirst(1, bytes);
                continue;
            }

            _bytes -= bytes;
            _trimmedBytes += bytes;
            Volatile.Write(ref _first, First + 1);
        }
    }

    public void Drop(SegmentFile file)
    {
        var (parts, dropped, bytes) = (_parts, 0, -_trimmedBytes);
        for (; dropped < parts.Count && parts[dropped].File == file; dropped++)
            bytes += parts[dropped].EnvelopeBytes;
        if (dropped > 0)
            RemoveFirst(dropped, bytes);
    }

    private void RemoveFirst(int parts, long bytes)
    {
        Volatile.Write(ref _first, parts < _parts.Count ? Math.Max(First, _parts[parts].FirstSequence) : Last + 1);
        _parts = _parts.WithoutFirst(parts);
        _bytes -= bytes;
        _trimmedBytes = 0;
        _trimmed = null;
    }

    private bool TryLoadTrimmed(in BlockPlace oldest)
    {
        try
        {
            _trimmed = _parts.OpenAt(0) ?? blocks.Find(Instance, oldest);
            return _trimmed is not null;
        }
        catch (IOException)
        {
            return false; // what cannot be read now is kept for now: no reason to refuse a publish
        }
    }

    private void Raise(long sequence, long timeMs)
    {
        AssignedSequence = Math.Max(AssignedSequence, sequence);
        AssignedMs = Math.Max(AssignedMs, timeMs);
        Volatile.Write(ref _last, sequence);
    }
}
