namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Takes over the files at the start: index and keys out of the footers, and out of the records where a file has no sound one, as the last
/// file of a log that was not closed. The first bad record of the last file, with no sound record of a later group behind it, is the
/// torn end of a crash: it is cut. A bad record anywhere else is damage, and the start is refused.
/// </summary>
internal sealed partial class SegmentRecovery(ILogFiles files, SegmentIndex index, KeyLoading keys, bool skipDamage, ILogger logger)
{
    private readonly DamagedFiles _damaged = new(files);
    private long _lastGroup;
    private UInt128? _seed;
    private long _missing;

    /// <summary>The newest group's number.</summary>
    public long LastGroup => _lastGroup;

    /// <returns>The seed of the key hashes, null where no file has one, and the highest number of a file.</returns>
    /// <exception cref="EventLogCorruptException">A file is damaged; the message says where, and what can be done.</exception>
    public (UInt128? Seed, long LastNumber) Run()
    {
        _damaged.FinishReplacing();
        NextFile.DeleteLeftOvers(files);
        new GoneFiles(files, logger).DeleteLeftOvers();
        var names = files.List();
        // A number that files of keys or damaged ones have is not given out again, though its events have gone.
        var lastNumber = FileNumbers.Highest(names);
        var numbers = names.Except(GoneFiles.Among(names)).Select(name => SegmentFile.TryParseName(name, out var number) ? number : 0)
            .Where(number => number > 0).Order().ToList();
        _seed = LogSeed.Find(files, numbers.Select(SegmentFile.NameOf).Reverse().Concat(names.Where(KeyFiles.IsName).OrderDescending(StringComparer.Ordinal)));
        keys.Files = numbers.Count;
        using var opened = new OpenedFiles(files, numbers);
        foreach (var number in numbers)
        {
            Open(opened.Next(), isLast: number == numbers[^1]);
            NoticeMissing(number);
        }

        return (_seed, lastNumber);
    }

    /// <summary>Events that are not there though later ones are: a file was given up, or somebody has removed it.</summary>
    private void NoticeMissing(long number)
    {
        if (index.Missing > _missing)
            LogMissing(logger, index.Missing - _missing, SegmentFile.NameOf(number));
        _missing = index.Missing;
    }

    private void Open(OpenedFile opened, bool isLast)
    {
        try
        {
            Open(opened.Number, opened, isLast);
        }
        catch
        {
            opened.Io.Dispose();
            throw;
        }
    }

    private void Open(long number, OpenedFile opened, bool isLast)
    {
        var io = opened.Io;
        if (opened.Header is not { } header)
        {
            OpenWithoutHeader(number, io, isLast);
            return;
        }

        if (header.Version is < FileHeader.OldestVersion or > FileHeader.CurrentVersion)
            throw new EventLogCorruptException($"{SegmentFile.NameOf(number)} has format {header.Version}, and this gateway reads {FileHeader.OldestVersion} to {FileHeader.CurrentVersion}: it was written by a newer one. Start that one.");
        if (header.Number != number)
            throw new EventLogCorruptException($"{SegmentFile.NameOf(number)} is {SegmentFile.NameOf(header.Number)} under another name: a copy that went wrong. Give it its name back, or take it out of the folder.");
        var file = new SegmentFile(number, io);

        // Who goes on in spite of damage wants all of it found, and not only what the footers show.
        if (opened.Footer is not { } footer || (skipDamage && !SegmentScan.Check(SegmentScan.ReadAll(io), file.Generation).IsSound))
            Scan(file, isLast);
        else
            Take(file, footer);
    }

    private void OpenWithoutHeader(long number, ILogFile io, bool isLast)
    {
        var bytes = SegmentScan.ReadAll(io);
        if (!isLast || bytes.AsSpan(Math.Min(FileHeader.Length, bytes.Length)).ContainsAnyExcept((byte)0))
        {
            Replace(number, io, bytes, 0, "its header is not readable", isLast);
            return;
        }

        // A crash while it was made: nothing is written to it before its header is durable.
        io.Dispose();
        files.Delete(SegmentFile.NameOf(number));
    }

    private void Take(SegmentFile file, FooterReader footer)
    {
        var trailer = footer.Trailer;
        (file.End, file.LastGroup, file.OldestMs, file.NewestMs) = (trailer.RecordsEnd, trailer.LastGroup, trailer.OldestMs, trailer.NewestMs);
        _lastGroup = Math.Max(_lastGroup, trailer.LastGroup);
        foreach (var entry in footer.Entries())
        {
            var events = index.Get(entry.Instance);
            if (entry.IsMark)
                events.Mark(file, entry.FirstSequence, entry.LastMs);
            else
                events.AddClosed(file, entry);
        }

        file.Directory = footer.ToDirectory(index);
        index.Closed.Add(file);
        keys.Add(file, footer.Keys);
    }

    /// <summary>Takes over the records of a file, and closes it.</summary>
    private void Scan(SegmentFile file, bool isLast)
    {
        var bytes = SegmentScan.ReadAll(file.Io);
        var found = SegmentScan.Check(bytes, file.Generation);
        if (!found.IsSound && Damage(file.Number, bytes, found, isLast) is { } damage)
        {
            Replace(file.Number, file.Io, bytes, found.BadAt, damage, isLast);
            return;
        }

        if (!found.IsSound && (found.BadAt > found.End || bytes.AsSpan((int)found.BadAt).ContainsAnyExcept((byte)0)))
            LogTornTail(logger, file.Name, found.End);
        if (!isLast)
            LogScanned(logger, file.Name);
        TakeRecords(file, bytes, isLast);
    }

    private static string? Damage(long number, byte[] bytes, ScanResult found, bool isLast)
    {
        if (!isLast)
            return "a record is not sound, and later files follow";
        var later = SegmentScan.FindLaterGroup(bytes, (int)found.BadAt, (uint)number);
        return later < 0 ? null : $"a record is not sound, and sound ones of a later group follow at {later}";
    }

    private void TakeRecords(SegmentFile file, byte[] bytes, bool isLast)
    {
        file.End = SegmentScan.Run(bytes, file.Generation, (header, offset) =>
        {
            file.LastGroup = Math.Max(file.LastGroup, header.Group);
            if (header.Kind == RecordKind.Filler)
                return;
            var events = index.Get(InstanceKey.Read(RecordFormat.Instance(bytes.AsSpan(offset))));
            file.Saw(header.TimeMs);
            if (header.Kind == RecordKind.Mark)
                events.Mark(file, header.Sequence, header.TimeMs);
            else
                events.Add(file, header.Sequence, header.TimeMs, offset, header.EnvelopeLength, header.TypeIndex);
            if (header.KeyLength > 0)
                file.Keys.Add(new KeyEntry(header.KeyHash, (uint)(offset / 8)));
        }).End;
        _lastGroup = Math.Max(_lastGroup, file.LastGroup);
        if (file.End == FileHeader.Length)
        {
            // Nothing was written to it, or nothing whole.
            file.Release();
            files.Delete(file.Name);
            return;
        }

        keys.Add(file, file.Keys);
        if (isLast)
            SegmentClosing.Close(file, index);
        else
            SegmentClosing.KeepAsItIs(file, index);
    }

    /// <summary>Sets a damaged file aside, and takes over what is sound in it.</summary>
    private void Replace(long number, ILogFile io, byte[] bytes, long badAt, string what, bool isLast)
    {
        var name = SegmentFile.NameOf(number);
        if (!skipDamage)
        {
            throw new EventLogCorruptException($"The log is damaged: {name} at byte {badAt}: {what}. Restore the file from a backup, "
                + "or start with Log:SkipCorruptFiles=true: then it is set aside, and what is sound in it is kept.");
        }

        io.Dispose();
        var salvage = new Salvage(bytes, number, _seed, isLast);
        var asideName = _damaged.Replace(number, salvage.Bytes);
        LogSkipped(logger, name, badAt, what, asideName, salvage.KeptRecords, salvage.LostBytes);
        if (salvage.KeptRecords == 0)
            return;
        _seed ??= salvage.Seed;
        var file = new SegmentFile(number, files.Open(name));
        try
        {
            TakeRecords(file, salvage.Bytes, isLast);
        }
        catch
        {
            file.Io.Dispose();
            throw;
        }
    }

    [LoggerMessage(2001, LogLevel.Warning, "{File} ended in the middle of a write; it is cut at byte {Offset}. What is cut was never answered.")]
    private static partial void LogTornTail(ILogger logger, string file, long offset);

    [LoggerMessage(2004, LogLevel.Warning, "{File} has no sound footer, so all of it was read. Nothing of it is lost; its index stays in memory until it goes.")]
    private static partial void LogScanned(ILogger logger, string file);

    [LoggerMessage(2006, LogLevel.Warning, "{Events} events are missing in {File} or before it: a file was given up, or somebody has removed it. Readers that come to them are told of a gap.")]
    private static partial void LogMissing(ILogger logger, long events, string file);

    [LoggerMessage(2002, LogLevel.Error, "{File} is damaged at byte {Offset} ({What}). As Log:SkipCorruptFiles allows, it was set aside as {Aside}; "
        + "{Kept} records of it are kept, and what stood in {LostBytes} bytes is lost. Take the switch out again.")]
    private static partial void LogSkipped(ILogger logger, string file, long offset, string what, string aside, int kept, long lostBytes);
}
