namespace VZaps.Gateway.Log.Segments;

/// <summary>The events that a page will hold, as they are found in the index.</summary>
internal sealed class PageSelection(long afterSequence, long lastSequence, EventTypeSet types, LogPageLimits limits)
{
    private long _bytes;

    public EventTypeSet Types => types;

    public List<WantedRecord> Wanted { get; } = [];

    /// <summary>Up to here all is in the page, or of another type.</summary>
    public long ReadThrough { get; private set; } = afterSequence;

    public bool IsFull { get; private set; }

    /// <summary>A part without an event of the types.</summary>
    public void PassOver(in BlockPlace place) => ReadThrough = Math.Max(ReadThrough, Math.Min(place.NextSequence - 1, lastSequence));

    /// <summary>Events up to that one are not there, and nothing before them was taken.</summary>
    public void PassOverMissing(long sequence) => ReadThrough = Math.Max(ReadThrough, sequence);

    public void Take(IndexChunk chunk, long endSequence)
    {
        for (var sequence = Math.Max(ReadThrough + 1, chunk.FirstSequence); sequence < endSequence && sequence <= lastSequence; sequence++)
        {
            var entry = chunk.EntryOf(sequence);
            if (types.Contains(entry.TypeIndex))
            {
                IsFull = Wanted.Count == limits.MaxEvents || (_bytes + entry.EnvelopeLength > limits.MaxBytes && Wanted.Count > 0);
                if (IsFull)
                    return;
                Wanted.Add(new WantedRecord(chunk.File, entry, sequence, chunk.TimeMs(sequence)));
                _bytes += entry.EnvelopeLength;
            }

            ReadThrough = sequence;
        }
    }
}

/// <summary>A record that is to be read.</summary>
internal readonly record struct WantedRecord(SegmentFile File, IndexEntry Entry, long Sequence, long TimeMs)
{
    // Its key's length is in the record alone.
    private const int MostKeyBytes = 256;

    public long Offset => Entry.Offset;

    /// <summary>Where it ends at the latest.</summary>
    public long End => Offset + RecordFormat.PaddedLength(Entry.EnvelopeLength, MostKeyBytes);
}
