namespace VZaps.Gateway.Log.Segments;

/// <summary>What a walk over a file's records found.</summary>
/// <param name="End">Where the last whole request ends.</param>
/// <param name="BadAt">Where the first record stands that is not sound; the records' end where all are.</param>
/// <param name="IsSound">Whether there is nothing behind the last whole request but a footer, sound or not.</param>
internal readonly record struct ScanResult(long End, long BadAt, bool IsSound);

/// <summary>Walks over a file's records, from the first on.</summary>
internal static class SegmentScan
{
    /// <summary>Takes the records request by request, each whole or not at all.</summary>
    public static ScanResult Run(ReadOnlySpan<byte> bytes, uint generation, Action<RecordHeader, int> take)
    {
        var offset = FileHeader.Length;
        var end = offset;
        var request = new List<(RecordHeader Header, int Offset)>();
        while (offset < bytes.Length && RecordFormat.TryRead(bytes[offset..], generation, out var header) && !header.IsOfFooter)
        {
            request.Add((header, offset));
            offset += header.PaddedLength;
            if (header.MoreFollows)
                continue;
            foreach (var record in request)
                take(record.Header, record.Offset);
            request.Clear();
            end = offset;
        }

        return new ScanResult(end, offset, request.Count == 0 && (offset >= bytes.Length || FooterStartsAt(bytes, offset, generation)));
    }

    /// <summary>Walks over the records and takes none.</summary>
    public static ScanResult Check(ReadOnlySpan<byte> bytes, uint generation) => Run(bytes, generation, static (_, _) => { });

    /// <summary>The first sound record of the file from an offset on; -1 where there is none.</summary>
    public static int FindSound(ReadOnlySpan<byte> bytes, int from, uint generation)
    {
        for (var offset = from; offset + RecordFormat.HeaderLength <= bytes.Length; offset += 8)
        {
            if (RecordFormat.TryRead(bytes[offset..], generation, out _))
                return offset;
        }

        return -1;
    }

    /// <summary>The first sound record of a later group than the one that is torn at an offset; -1 where there is none.</summary>
    public static int FindLaterGroup(ReadOnlySpan<byte> bytes, int badOffset, uint generation)
    {
        for (var offset = badOffset + 8; (offset = FindSound(bytes, offset, generation)) >= 0; offset += 8)
        {
            // Records of the torn group itself may have reached the disk before the one that did not.
            if (RecordFormat.TryReadHeader(bytes[offset..], generation, out var header) && header.GroupStart * 8L > badOffset)
                return offset;
        }

        return -1;
    }

    /// <summary>Makes a block of the index again out of the records; null where they are not all there.</summary>
    /// <exception cref="IOException">The file could not be read.</exception>
    public static IndexChunk? FindBlock(InstanceId instance, BlockPlace place)
    {
        var bytes = ReadAll(place.File.Io);
        IndexChunk? chunk = null;
        Run(bytes, place.File.Generation, (header, offset) =>
        {
            var isOfBlock = header.Kind == RecordKind.Event && header.Sequence >= place.FirstSequence && header.Sequence < place.NextSequence;
            if (!isOfBlock || RecordFormat.InstanceOf(RecordFormat.Instance(bytes.AsSpan(offset))) != instance)
                return;
            if (header.Sequence == place.FirstSequence)
                chunk = new IndexChunk(place.File, header.Sequence, header.TimeMs);
            chunk?.Add(offset, header.EnvelopeLength, header.TypeIndex, header.TimeMs);
        });
        return chunk?.NextSequence == place.NextSequence ? chunk : null;
    }

    public static byte[] ReadAll(ILogFile io)
    {
        var bytes = new byte[io.Length];
        var read = io.Read(bytes, 0);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Each record of a footer knows where the footer starts: one that is sound is enough.</summary>
    private static bool FooterStartsAt(ReadOnlySpan<byte> bytes, int offset, uint generation)
    {
        for (var at = offset; (at = FindSound(bytes, at, generation)) >= 0; at += 8)
        {
            if (RecordFormat.TryReadHeader(bytes[at..], generation, out var header) && header.IsOfFooter)
                return header.GroupStart * 8L == offset;
        }

        return false;
    }
}
