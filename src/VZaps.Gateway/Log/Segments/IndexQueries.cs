namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Questions to an instance's index. Most are answered from what is in memory of each block; what is not reads a block through the cache.
/// Thread-safe.
/// </summary>
/// <remarks>A file may go while its block is looked for: then the question is asked again, of what is left.</remarks>
internal readonly struct IndexQueries(InstanceIndex events, IndexBlocks blocks)
{
    /// <summary>How many events of some types follow a sequence.</summary>
    /// <exception cref="IOException">A block could not be read.</exception>
    public long CountAfter(EventTypeSet types, long afterSequence)
    {
        var count = 0L;
        while (!TryCount(types, afterSequence, out count))
        {
        }

        return count;
    }

    /// <summary>The first event of some types behind a sequence, and when it was appended; null where there is none.</summary>
    /// <exception cref="IOException">A block could not be read.</exception>
    public (long Sequence, long TimeMs)? FindNext(EventTypeSet types, long afterSequence)
    {
        (long, long)? found;
        while (!TryFindNext(types, afterSequence, out found))
        {
        }

        return found;
    }

    /// <summary>The last sequence before a time.</summary>
    /// <exception cref="IOException">A block could not be read.</exception>
    public long FindSequenceBefore(DateTimeOffset time)
    {
        long found;
        while (!TryFindBefore(time, out found))
        {
        }

        return found;
    }

    private bool TryCount(EventTypeSet types, long afterSequence, out long count)
    {
        var last = events.Last; // before the parts: they hold all up to it
        var first = Math.Max(afterSequence + 1, events.First);
        count = Math.Max(0, last + 1 - first);
        if (types == EventTypeSet.All || count == 0)
            return true;
        count = 0;
        var parts = events.Parts;
        for (var part = parts.FirstBehind(first - 1); part < parts.Count; part++)
        {
            var place = parts[part];
            var end = Math.Min(place.NextSequence, last + 1);
            if (place.FirstSequence > last)
                break;
            if (!place.HasAnyOf(types))
                continue;
            if (place.HasOnly(types))
                count += Math.Max(0, end - Math.Max(first, place.FirstSequence));
            else if (Load(parts, part) is not { } chunk)
                return false;
            else if (first <= place.FirstSequence && end == place.NextSequence && parts.OpenAt(part) is null)
                count += chunk.CountOf(types);
            else
                count += chunk.CountOf(types, first, end);
        }

        return true;
    }

    private bool TryFindNext(EventTypeSet types, long afterSequence, out (long Sequence, long TimeMs)? found)
    {
        found = null;
        var last = events.Last;
        var first = Math.Max(afterSequence + 1, events.First);
        var parts = events.Parts;
        for (var part = parts.FirstBehind(first - 1); part < parts.Count; part++)
        {
            var place = parts[part];
            if (!place.HasAnyOf(types))
                continue;
            if (Load(parts, part) is not { } chunk)
                return false;
            var end = Math.Min(place.NextSequence, last + 1);
            for (var sequence = Math.Max(first, place.FirstSequence); sequence < end; sequence++)
            {
                if (!types.Contains(chunk.EntryOf(sequence).TypeIndex))
                    continue;
                found = (sequence, chunk.TimeMs(sequence));
                return true;
            }
        }

        return true;
    }

    private bool TryFindBefore(DateTimeOffset time, out long found)
    {
        var last = events.Last;
        var parts = events.Parts;
        found = Math.Min(events.First - 1, last);

        // Times never decrease: the last part that begins before the time has the answer.
        var (low, high) = (0, parts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IsBefore(parts[middle].FirstMs, time))
                low = middle + 1;
            else
                high = middle;
        }

        if (low == 0)
            return true;
        if (Load(parts, low - 1) is not { } chunk)
            return false;
        found = Math.Min(Math.Max(found, LastBefore(chunk, parts[low - 1].NextSequence, time)), last);
        return true;
    }

    private static long LastBefore(IndexChunk chunk, long nextSequence, DateTimeOffset time)
    {
        var (low, high) = (chunk.FirstSequence, nextSequence - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (IsBefore(chunk.TimeMs(middle), time))
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private static bool IsBefore(long timeMs, DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs) < time;

    /// <summary>The part's chunk; null where its file has gone, and the parts with it.</summary>
    private IndexChunk? Load(IndexParts parts, int part)
    {
        var chunk = parts.OpenAt(part) ?? blocks.Find(events.Instance, parts[part]);
        ObjectDisposedException.ThrowIf(chunk is null && parts == events.Parts, typeof(SegmentLog));
        return chunk;
    }
}
