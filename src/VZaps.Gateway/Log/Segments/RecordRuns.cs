namespace VZaps.Gateway.Log.Segments;

/// <summary>Reads records, those that stand near each other in one go, and checks each: what a disk has changed is not shown to anybody.</summary>
internal static class RecordRuns
{
    private const int MaxRunBytes = 512 * 1024;

    // Reading over a gap of this size is cheaper than another read.
    private const int MaxGapBytes = 16 * 1024;

    /// <summary>Reads the envelopes; only those before the first that is damaged, if there are any.</summary>
    /// <exception cref="SegmentGoneException">A file has gone.</exception>
    /// <exception cref="EventLogDamagedException">The first of them is damaged.</exception>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static async ValueTask<List<Envelope>> ReadAsync(
        InstanceId instance, List<WantedRecord> wanted, PageMemory memory, CancellationToken cancellationToken)
    {
        var envelopes = new List<Envelope>(wanted.Count);
        for (var first = 0; first < wanted.Count;)
        {
            var count = Length(wanted, first);
            var file = wanted[first].File;
            using var held = file.Hold();
            var start = wanted[first].Offset;
            var length = (int)(wanted[first + count - 1].End - start);
            var buffer = memory.Rent(length);
            var read = await file.Io.ReadAsync(buffer.AsMemory(0, length), start, cancellationToken);
            for (var i = first; i < first + count; i++)
            {
                if (TryTake(instance, wanted[i], buffer.AsMemory(0, read), (int)(wanted[i].Offset - start), out var envelope))
                    envelopes.Add(envelope);
                else if (envelopes.Count > 0)
                    return envelopes;
                else
                    throw new EventLogDamagedException(file.Name, wanted[i].Offset, $"the record of event {wanted[i].Sequence} of {instance} is not sound");
            }

            first += count;
        }

        return envelopes;
    }

    private static bool TryTake(InstanceId instance, in WantedRecord wanted, ReadOnlyMemory<byte> bytes, int offset, out Envelope envelope)
    {
        envelope = default;
        if (offset >= bytes.Length || !RecordFormat.TryRead(bytes.Span[offset..], wanted.File.Generation, out var header)
            || header.Sequence != wanted.Sequence || header.EnvelopeLength != wanted.Entry.EnvelopeLength)
        {
            return false;
        }

        envelope = new Envelope(
            EventPosition.Create(instance, wanted.TimeMs, wanted.Sequence), (byte)wanted.Entry.TypeIndex,
            bytes.Slice(offset + RecordFormat.HeaderLength, header.EnvelopeLength));
        return true;
    }

    /// <summary>How many of the wanted records, from the given one on, are read in one go.</summary>
    private static int Length(List<WantedRecord> wanted, int first)
    {
        var next = first + 1;
        while (next < wanted.Count && wanted[next].File == wanted[first].File
            && wanted[next].Offset - wanted[next - 1].End <= MaxGapBytes
            && wanted[next].End - wanted[first].Offset <= MaxRunBytes)
        {
            next++;
        }

        return next - first;
    }
}
