namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Questions to an instance's index. Most are answered from what the directories say of each block; what is not reads a block through the cache.
/// Thread-safe.
/// </summary>
/// <remarks>A file may go while its block is looked for: then the question is asked again, of what is left.</remarks>
internal readonly struct IndexQueries(InstanceIndex events, IndexBlocks blocks)
{
    /// <summary>How many events of some types follow a sequence.</summary>
    /// <exception cref="IOException">A block could not be read.</exception>
    public long CountAfter(EventTypeSet types, long afterSequence)
    {
        while (true)
        {
            var last = events.Last; // before the parts: they hold all up to it
            var first = Math.Max(afterSequence + 1, events.First);
            var all = Math.Max(0, last + 1 - first);
            if (types == EventTypeSet.All || all == 0)
                return all;
            var parts = events.Parts;
            try
            {
                return Count(parts, types, first, last);
            }
            catch (SegmentGoneException)
            {
                ObjectDisposedException.ThrowIf(parts.AreCurrent, typeof(SegmentLog));
            }
        }
    }

    /// <summary>The first event of some types behind a sequence, and when it was appended; null where there is none.</summary>
    /// <exception cref="IOException">A block could not be read.</exception>
    public (long Sequence, long TimeMs)? FindNext(EventTypeSet types, long afterSequence)
    {
        while (true)
        {
            var last = events.Last;
            var first = Math.Max(afterSequence + 1, events.First);
            var parts = events.Parts;
            try
            {
                return FindNext(parts, types, first, last);
            }
            catch (SegmentGoneException)
            {
                ObjectDisposedException.ThrowIf(parts.AreCurrent, typeof(SegmentLog));
            }
        }
    }

    /// <summary>The last sequence before a time.</summary>
    /// <exception cref="IOException">A block could not be read.</exception>
    public long FindSequenceBefore(DateTimeOffset time)
    {
        while (true)
        {
            var last = events.Last;
            var parts = events.Parts;
            var before = Math.Min(events.First - 1, last);
            try
            {
                // Whole milliseconds: what is of before a time is of before the next one.
                var timeMs = time.ToUnixTimeMilliseconds() + (time.Ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0);
                return parts.FindBefore(timeMs) is { } place
                    ? Math.Min(Math.Max(before, LastBefore(blocks.Find(events.Instance, place), place.NextSequence, timeMs)), last)
                    : before;
            }
            catch (SegmentGoneException)
            {
                ObjectDisposedException.ThrowIf(parts.AreCurrent, typeof(SegmentLog));
            }
        }
    }

    private long Count(in IndexParts parts, EventTypeSet types, long first, long last)
    {
        var count = 0L;
        for (var next = parts.Find(first - 1); next is { } place && place.FirstSequence <= last; next = parts.Find(place.NextSequence - 1))
        {
            var end = Math.Min(place.NextSequence, last + 1);
            if (!place.HasAnyOf(types))
                continue;
            if (place.HasOnly(types))
                count += Math.Max(0, end - Math.Max(first, place.FirstSequence));
            else if (first <= place.FirstSequence && end == place.NextSequence && place.InMemory is null)
                count += blocks.Find(events.Instance, place).CountOf(types);
            else
                count += blocks.Find(events.Instance, place).CountOf(types, first, end);
        }

        return count;
    }

    private (long Sequence, long TimeMs)? FindNext(in IndexParts parts, EventTypeSet types, long first, long last)
    {
        for (var next = parts.Find(first - 1); next is { } place; next = parts.Find(place.NextSequence - 1))
        {
            if (!place.HasAnyOf(types))
                continue;
            var chunk = blocks.Find(events.Instance, place);
            var end = Math.Min(place.NextSequence, last + 1);
            for (var sequence = Math.Max(first, place.FirstSequence); sequence < end; sequence++)
            {
                if (types.Contains(chunk.EntryOf(sequence).TypeIndex))
                    return (sequence, chunk.TimeMs(sequence));
            }
        }

        return null;
    }

    private static long LastBefore(IndexChunk chunk, long nextSequence, long timeMs)
    {
        var (low, high) = (chunk.FirstSequence, nextSequence - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (chunk.TimeMs(middle) < timeMs)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}
