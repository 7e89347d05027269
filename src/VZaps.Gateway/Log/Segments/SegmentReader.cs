namespace VZaps.Gateway.Log.Segments;

/// <summary>Reads pages by the index. Takes no lock that the writer takes, and holds none over I/O. Thread-safe.</summary>
internal sealed class SegmentReader(SegmentIndex index)
{
    private const int MaxRunBytes = 512 * 1024;

    // Reading over a gap of this size is cheaper than another read.
    private const int MaxGapBytes = 16 * 1024;

    public async ValueTask<LogPage> ReadAsync(
        InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (index.Find(instance) is not { } events)
                return new LogPage([], afterSequence, afterSequence, ReachedEnd: true);
            // The last first: entries up to it are there by then.
            var last = events.Last;
            var from = Math.Max(afterSequence, events.First - 1);
            if (from >= last)
                return new LogPage([], from, Math.Max(afterSequence, last), ReachedEnd: true);
            var chunks = events.Chunks;
            if (chunks.Length > 0)
                from = Math.Max(from, chunks[0].FirstSequence - 1); // a file may have been dropped since
            var (wanted, readThrough) = Select(chunks, from, last, types, limits);
            if (await TryReadAsync(instance, wanted, cancellationToken) is { } envelopes)
                return new LogPage(envelopes, from, readThrough, readThrough >= last);
            // A file was dropped meanwhile: what is retained begins later now.
        }
    }

    private static (List<Wanted> Wanted, long ReadThrough) Select(IndexChunk[] chunks, long after, long last, EventTypeSet types, LogPageLimits limits)
    {
        var wanted = new List<Wanted>();
        var bytes = 0L;
        var readThrough = after;
        foreach (var chunk in chunks.SkipWhile(chunk => chunk.NextSequence <= after + 1))
        {
            var entries = chunk.Entries;
            for (var i = (int)Math.Max(0, after + 1 - chunk.FirstSequence); i < chunk.Count && chunk.FirstSequence + i <= last; i++)
            {
                var entry = entries[i];
                if (types.Contains(entry.TypeIndex))
                {
                    if (wanted.Count == limits.MaxEvents || (bytes + entry.EnvelopeLength > limits.MaxBytes && wanted.Count > 0))
                        return (wanted, readThrough);
                    wanted.Add(new Wanted(chunk.File, entry, chunk.FirstSequence + i, chunk.TimeMs(i)));
                    bytes += entry.EnvelopeLength;
                }

                readThrough = chunk.FirstSequence + i;
            }
        }

        return (wanted, Math.Max(readThrough, after));
    }

    private static async ValueTask<List<Envelope>?> TryReadAsync(InstanceId instance, List<Wanted> wanted, CancellationToken cancellationToken)
    {
        var envelopes = new List<Envelope>(wanted.Count);
        for (var first = 0; first < wanted.Count;)
        {
            var count = RunLength(wanted, first);
            var file = wanted[first].File;
            if (!file.TryAcquire())
                return null;
            try
            {
                var start = wanted[first].BodyOffset;
                var buffer = GC.AllocateUninitializedArray<byte>((int)(wanted[first + count - 1].BodyEnd - start));
                if (await file.Io.ReadAsync(buffer, start, cancellationToken) != buffer.Length)
                    throw new IOException($"{file.Name} ended before byte {start + buffer.Length}.");
                foreach (var one in wanted.GetRange(first, count))
                    envelopes.Add(one.In(instance, buffer.AsMemory((int)(one.BodyOffset - start), one.Entry.EnvelopeLength)));
            }
            finally
            {
                file.Release();
            }

            first += count;
        }

        return envelopes;
    }

    /// <summary>How many of the wanted events, from the given one on, are read in one go.</summary>
    private static int RunLength(List<Wanted> wanted, int first)
    {
        var next = first + 1;
        while (next < wanted.Count && wanted[next].File == wanted[first].File
            && wanted[next].BodyOffset - wanted[next - 1].BodyEnd <= MaxGapBytes
            && wanted[next].BodyEnd - wanted[first].BodyOffset <= MaxRunBytes)
        {
            next++;
        }

        return next - first;
    }

    private readonly record struct Wanted(SegmentFile File, IndexEntry Entry, long Sequence, long TimeMs)
    {
        public long BodyOffset => Entry.Offset + RecordFormat.HeaderLength;

        public long BodyEnd => BodyOffset + Entry.EnvelopeLength;

        public Envelope In(InstanceId instance, ReadOnlyMemory<byte> utf8) =>
            new(EventPosition.Create(instance, TimeMs, Sequence), (byte)Entry.TypeIndex, utf8);
    }
}
