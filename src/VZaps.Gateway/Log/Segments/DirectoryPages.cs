using System.Diagnostics;

namespace VZaps.Gateway.Log.Segments;

/// <summary>Pages of the directories of closed files, through a cache of those that were read last. Thread-safe; no lock is held over I/O.</summary>
internal sealed partial class DirectoryPages(ILogger logger)
{
    /// <summary>Some 4,000 pages of 51 instances each.</summary>
    public const long CacheBytes = 16L << 20;

    private readonly BlockCache<byte[]> _cache = new(CacheBytes, static page => page.Length);
    private readonly Lock _rebuilding = new();

    /// <summary>The first block of an instance in a file that ends behind a sequence; null where there is none.</summary>
    /// <param name="index">The index.</param>
    /// <param name="file">A closed file.</param>
    /// <param name="events">The instance.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="isAsync">Whether a read may go on elsewhere; else this is done when it returns.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SegmentGoneException">The file was dropped.</exception>
    /// <exception cref="IOException">A page could not be read.</exception>
    public async ValueTask<BlockPlace?> FindAsync(
        SegmentIndex index, SegmentFile file, InstanceIndex events, long sequence, bool isAsync, CancellationToken cancellationToken)
    {
        while (true)
        {
            var directory = file.Directory!;
            if (!directory.Holds(events))
                return null;
            var number = directory.PageOf(events.Key, sequence + 1);
            if (await ReadAsync(file, directory, number, isAsync, cancellationToken) is { } page)
            {
                if (FindOn(page, events.Key, sequence) is { } entry)
                    return directory.PlaceOf(file, entry);
                if (!directory.BeginsWith(number + 1, events.Key))
                    return null;
                if (await ReadAsync(file, directory, number + 1, isAsync, cancellationToken) is { } next)
                    return FindOn(next, events.Key, sequence) is { } first ? directory.PlaceOf(file, first) : null;
            }

            Rebuild(index, file, directory);
        }
    }

    /// <summary>The entries of a file, in their order.</summary>
    /// <param name="file">A closed file.</param>
    /// <param name="entries">Those on sound pages are added.</param>
    /// <returns>Whether all pages are sound; else see <see cref="Rebuild(SegmentIndex, SegmentFile)"/>.</returns>
    /// <exception cref="IOException">A page could not be read.</exception>
    public bool TryReadAll(SegmentFile file, List<DirectoryEntry> entries)
    {
        var (directory, areAll) = (file.Directory!, true);
        for (var number = 0; number < directory.PageCount; number++)
        {
            var read = ReadAsync(file, directory, number, isAsync: false, CancellationToken.None);
            if ((read.IsCompleted ? read.Result : throw new UnreachableException()) is not { } page)
            {
                areAll = false;
                continue;
            }

            for (var at = 0; at < page.Length; at += FooterFormat.DirectoryEntryLength)
                entries.Add(DirectoryEntry.Read(page.AsSpan(at)));
        }

        return areAll;
    }

    /// <summary>Makes a directory again that is not sound. Reads all of the file.</summary>
    /// <exception cref="EventLogDamagedException">The records are not sound either. That is remembered, and the file not read again for it.</exception>
    /// <exception cref="SegmentGoneException">The file was dropped.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    public void Rebuild(SegmentIndex index, SegmentFile file) => Rebuild(index, file, file.Directory!);

    /// <summary>The entries of a page, as bytes; null where it is not sound.</summary>
    private async ValueTask<byte[]?> ReadAsync(
        SegmentFile file, FileDirectory directory, int number, bool isAsync, CancellationToken cancellationToken)
    {
        if (directory.PageInMemory(number) is { } kept)
            return kept;
        var (offset, length) = directory.PlaceOf(number);
        if (_cache.Find(file, offset) is { } cached)
            return cached;
        using var held = file.Hold();
        var record = new byte[RecordFormat.HeaderLength + length];
        var read = isAsync ? await file.Io.ReadAsync(record, offset, cancellationToken) : file.Io.Read(record, offset);
        if (read != record.Length || !RecordFormat.TryRead(record, file.Generation, out var header)
            || header.Kind != RecordKind.Directory || header.Length != record.Length)
        {
            return null;
        }

        var page = record[RecordFormat.HeaderLength..];
        _cache.Add(file, offset, page);
        return page;
    }

    private static DirectoryEntry? FindOn(byte[] page, in InstanceKey instance, long sequence)
    {
        var (low, high) = (0, page.Length / FooterFormat.DirectoryEntryLength);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var entry = page.AsSpan(middle * FooterFormat.DirectoryEntryLength);
            var order = InstanceKey.Read(entry).CompareTo(instance);
            if (order < 0 || (order == 0 && DirectoryEntry.Read(entry).NextSequence <= sequence + 1))
                low = middle + 1;
            else
                high = middle;
        }

        if (low * FooterFormat.DirectoryEntryLength == page.Length)
            return null;
        var found = DirectoryEntry.Read(page.AsSpan(low * FooterFormat.DirectoryEntryLength));
        return found.Instance == instance ? found : null;
    }

    /// <summary>A directory that is not sound says nothing that the records do not: it is made again, and stays in memory until its file goes.</summary>
    private void Rebuild(SegmentIndex index, SegmentFile file, FileDirectory unsound)
    {
        lock (_rebuilding)
        {
            if (file.Directory != unsound)
                return; // somebody else found it first
            if (unsound.Damage is { } known)
                throw new EventLogDamagedException(known.File, known.Offset, known.What);
            using var held = file.Hold();
            try
            {
                file.Directory = DirectoryRebuild.Run(index, file);
            }
            catch (EventLogDamagedException damage)
            {
                unsound.Damage = damage;
                throw;
            }

            LogRebuilt(logger, file.Name);
        }
    }

    [LoggerMessage(2007, LogLevel.Warning, "The directory of {File} is damaged; it was made again from the records, and stays in memory. The disk is not sound: 'log verify' on a stopped gateway says what is.")]
    private static partial void LogRebuilt(ILogger logger, string file);
}
