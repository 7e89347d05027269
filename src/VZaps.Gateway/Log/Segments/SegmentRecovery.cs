using System.Text;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Reads the files at the start, rebuilds index and keys, and settles how the last file ends. The first bad record of the last file,
/// with no sound record of a later group behind it, is the torn end of a crash: it is cut. A bad record anywhere else is
/// damage, and the start is refused.
/// </summary>
internal sealed partial class SegmentRecovery(ILogFiles files, SegmentIndex index, KeyTable keys, bool skipDamage, ILogger logger)
{
    private long _lastGroup;

    /// <summary>The newest group's number.</summary>
    public long LastGroup => _lastGroup;

    /// <exception cref="EventLogCorruptException">A file is damaged; the message says where, and what can be done.</exception>
    public (List<SegmentFile> Files, UInt128? Seed, long LastNumber) Run()
    {
        var numbers = files.List().Select(name => SegmentFile.TryParseName(name, out var number) ? number : 0).Where(number => number > 0).Order().ToList();
        var opened = new List<SegmentFile>();
        UInt128? seed = null;
        foreach (var number in numbers)
        {
            var isLast = number == numbers[^1];
            var io = files.Open(SegmentFile.NameOf(number));
            var bytes = ReadAll(io);
            if (!FileHeader.TryRead(bytes, out var header))
            {
                if (!isLast || FindSound(bytes, FileHeader.Length, (uint)number) >= 0)
                    Damaged(number, 0, "its header is not readable");
                // A crash while it was made: nothing was written to it.
                io.Dispose();
                if (isLast)
                    files.Delete(SegmentFile.NameOf(number));
                continue;
            }

            if (header.Version != FileHeader.CurrentVersion)
                throw new EventLogCorruptException($"{SegmentFile.NameOf(number)} has format {header.Version}, and this gateway reads {FileHeader.CurrentVersion}: it was written by a newer one. Start that one.");
            seed = header.Seed;
            var file = new SegmentFile(number, io);
            file.End = Load(file, bytes, isLast);
            if (isLast && file.End < io.Length)
            {
                io.SetLength(file.End);
                io.Flush();
            }

            file.Bytes = io.Length;
            opened.Add(file);
        }

        return (opened, seed, numbers.Count == 0 ? 0 : numbers[^1]);
    }

    /// <summary>Takes over the records of a file; returns where they end.</summary>
    private long Load(SegmentFile file, byte[] bytes, bool isLast)
    {
        var offset = FileHeader.Length;
        var requestStart = offset;
        var request = new List<(RecordHeader Header, int Offset)>();
        while (offset < bytes.Length && RecordFormat.TryRead(bytes.AsSpan(offset), file.Generation, out var header))
        {
            request.Add((header, offset));
            offset += header.PaddedLength;
            if (header.MoreFollows)
                continue;
            foreach (var record in request)
                Take(file, bytes, record.Header, record.Offset);
            request.Clear();
            requestStart = offset;
        }

        if (offset >= bytes.Length && request.Count == 0)
            return requestStart;
        if (!isLast)
            Damaged(file.Number, offset, "a record is not sound, and later files follow");
        var later = FindLaterGroup(bytes, offset, file.Generation);
        if (later >= 0)
            Damaged(file.Number, offset, $"a record is not sound, and sound ones of a later group follow at {later}");
        if (request.Count > 0 || bytes.AsSpan(offset).ContainsAnyExcept((byte)0))
            LogTornTail(logger, file.Name, requestStart);
        return requestStart;
    }

    private void Take(SegmentFile file, byte[] bytes, in RecordHeader header, int offset)
    {
        _lastGroup = Math.Max(_lastGroup, header.Group);
        var record = bytes.AsSpan(offset, header.Length);
        var instance = InstanceId.Parse("VZ" + Encoding.ASCII.GetString(RecordFormat.Instance(record)));
        file.Saw(header.TimeMs);
        if (header.Kind == RecordKind.Mark)
            index.Get(instance).Mark(file, header.Sequence, header.TimeMs);
        else
            index.Get(instance).Add(file, header.Sequence, header.TimeMs, offset, header.EnvelopeLength, header.TypeIndex);
        if (header.KeyLength > 0)
            keys.Add(header.KeyHash, new KeyPlace(file, offset));
    }

    private static int FindLaterGroup(ReadOnlySpan<byte> bytes, int badOffset, uint generation)
    {
        for (var offset = badOffset + 8; (offset = FindSound(bytes, offset, generation)) >= 0; offset += 8)
        {
            // Records of the torn group itself may have reached the disk before the one that did not.
            if (RecordFormat.TryReadHeader(bytes[offset..], generation, out var header) && header.GroupStart * 8L > badOffset)
                return offset;
        }

        return -1;
    }

    private static int FindSound(ReadOnlySpan<byte> bytes, int from, uint generation)
    {
        for (var offset = from; offset + RecordFormat.HeaderLength <= bytes.Length; offset += 8)
        {
            if (RecordFormat.TryRead(bytes[offset..], generation, out _))
                return offset;
        }

        return -1;
    }

    private void Damaged(long number, long offset, string what)
    {
        var name = SegmentFile.NameOf(number);
        if (!skipDamage)
        {
            throw new EventLogCorruptException($"The log is damaged: {name} at byte {offset}: {what}. Restore the file from a backup, "
                + "or start with Log:SkipCorruptFiles=true to go on without the events of this file behind that byte.");
        }

        LogSkipped(logger, name, offset, what);
    }

    private static byte[] ReadAll(ILogFile io)
    {
        var bytes = new byte[io.Length];
        var read = io.Read(bytes, 0);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    [LoggerMessage(2001, LogLevel.Warning, "{File} ended in the middle of a write; it is cut at byte {Offset}. What is cut was never answered.")]
    private static partial void LogTornTail(ILogger logger, string file, long offset);

    [LoggerMessage(2002, LogLevel.Error, "{File} is damaged at byte {Offset} ({What}); its events behind that byte are lost, as Log:SkipCorruptFiles allows.")]
    private static partial void LogSkipped(ILogger logger, string file, long offset, string what);
}
