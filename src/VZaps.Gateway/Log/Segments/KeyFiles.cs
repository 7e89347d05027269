using System.Globalization;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Keys of events that retention has removed: a file for each file of the log that has gone, with its keys, until they are 8 days old.
/// The writer's alone, but for the writing of one.
/// </summary>
internal sealed partial class KeyFiles(ILogFiles files, KeyTable keys, TimeProvider time, ILogger logger) : IDisposable
{
    public const string Suffix = ".keys";
    public const string UnfinishedSuffix = ".keys.new";

    /// <summary>How long the contract has a key count.</summary>
    public static readonly TimeSpan KeyAge = TimeSpan.FromDays(8);

    private volatile SegmentFile[] _kept = [];

    /// <summary>What they take on the disk; for any thread.</summary>
    public long Bytes => _kept.Sum(file => file.Bytes);

    /// <summary>Takes over what is there at a start.</summary>
    /// <param name="segments">The log's files; keys of one that is there are in it.</param>
    /// <param name="loading">Enters the keys into the table.</param>
    public void Open(IReadOnlyCollection<SegmentFile> segments, KeyLoading loading)
    {
        var numbers = segments.Select(segment => segment.Number).ToHashSet();
        foreach (var name in files.List().Order(StringComparer.Ordinal))
        {
            var isOne = TryParseName(name, out var number);
            if (isOne && !numbers.Contains(number))
                Take(number, name, loading);
            else if (isOne || name.EndsWith(UnfinishedSuffix, StringComparison.Ordinal))
                files.Delete(name); // a crash kept the other one from going; this is written anew when it goes
        }
    }

    /// <summary>Writes the keys of a file that is about to go, durably; on any thread. Null where it has none that count, or they cannot be kept.</summary>
    /// <exception cref="IOException">They could not be written, and not for want of room: the file must stay.</exception>
    public KeptKeys? Write(SegmentFile segment)
    {
        if (IsExpired(segment) || TryRead(segment) is not { Moves.Count: > 0 } content)
            return null;
        try
        {
            return new KeptKeys(Write(segment, content.Bytes), content.Moves);
        }
        catch (LogDiskFullException noRoom)
        {
            // The file that goes is the room that the disk lacks, and publishers wait for it.
            LogNotKept(logger, noRoom, segment.Name);
            return null;
        }
    }

    /// <summary>Keys that were written are looked for in their new file, too; each after its <see cref="KeyTable.Move"/>.</summary>
    public void Add(KeptKeys kept)
    {
        keys.Attach(kept.File);
        _kept = [.. _kept, kept.File];
    }

    /// <summary>The keys of that file have been moved, or do not count any more.</summary>
    public void Forget(SegmentFile segment) => keys.Forget(segment);

    /// <summary>Moves some of the keys to their new place in the table; returns how far it came.</summary>
    public int Move(SegmentFile segment, KeptKeys kept, int from, int most)
    {
        var end = from + Math.Min(kept.Moves.Count - from, most);
        for (var i = from; i < end; i++)
            keys.Move(kept.Moves[i].From, segment, kept.File, kept.Moves[i].ToUnits);
        return end;
    }

    /// <summary>Lets those go that are too old.</summary>
    public void DropExpired()
    {
        var expired = _kept.Where(IsExpired).ToList();
        if (expired.Count == 0)
            return;
        _kept = [.. _kept.Except(expired)];
        foreach (var file in expired)
        {
            keys.Forget(file);
            file.Release();
            try
            {
                files.Delete(file.Name);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                LogNotRemoved(logger, failure, file.Name);
            }
        }
    }

    public void Dispose() => Array.ForEach(_kept, file => file.Release());

    private void Take(long number, string name, KeyLoading loading)
    {
        var file = new SegmentFile(number, files.Open(name), name);
        _kept = [.. _kept, file];
        if (FooterReader.TryRead(file.Io, file.Generation) is { } footer)
        {
            (file.OldestMs, file.NewestMs) = (footer.Trailer.OldestMs, footer.Trailer.NewestMs);
            loading.Add(file, footer.Keys);
            return;
        }

        Scan(file);
        loading.Add(file, file.Keys);
        file.Keys = [];
    }

    /// <summary>Where the footer is not sound: all records that are.</summary>
    private void Scan(SegmentFile file)
    {
        LogUnreadable(logger, file.Name);
        var bytes = SegmentScan.ReadAll(file.Io);
        for (var at = FileHeader.Length; (at = SegmentScan.FindSound(bytes, at, file.Generation)) >= 0;)
        {
            RecordFormat.TryReadHeader(bytes.AsSpan(at), file.Generation, out var record);
            if (record.Kind == RecordKind.Key)
            {
                file.Keys.Add(new KeyEntry(record.KeyHash, (uint)(at / 8)));
                file.Saw(record.TimeMs);
            }

            at += record.PaddedLength;
        }
    }

    private KeyFileContent? TryRead(SegmentFile segment)
    {
        try
        {
            return new KeyFileContent(segment);
        }
        catch (IOException unreadable)
        {
            // It is as unreadable the next time, and until it goes its room is not free.
            LogNotKept(logger, unreadable, segment.Name);
            return null;
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    private SegmentFile Write(SegmentFile segment, ReadOnlySpan<byte> content)
    {
        var name = NameOf(segment.Number);
        var unfinished = SegmentFile.DigitsOf(segment.Number) + UnfinishedSuffix;
        ILogFile? io = null;
        try
        {
            io = files.Create(unfinished, content.Length);
            io.Write(content, 0);
            io.Flush();
            files.Rename(unfinished, name);
            files.FlushFolder();
            return new SegmentFile(segment.Number, io, name) { OldestMs = segment.OldestMs, NewestMs = segment.NewestMs };
        }
        catch
        {
            io?.Dispose();
            TryDelete(unfinished);
            throw;
        }
    }

    private void TryDelete(string name)
    {
        try
        {
            files.Delete(name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The next start finds it.
        }
    }

    private bool IsExpired(SegmentFile file) => DateTimeOffset.FromUnixTimeMilliseconds(file.NewestMs) < time.GetUtcNow() - KeyAge;

    public static bool IsName(string name) => TryParseName(name, out _);

    /// <summary>Whether it is the name of a file of keys, and of which file's.</summary>
    public static bool TryParseName(string name, out long number)
    {
        number = 0;
        return name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && name == NameOf(number);
    }

    private static string NameOf(long number) => SegmentFile.DigitsOf(number) + Suffix;

    [LoggerMessage(2015, LogLevel.Warning, "The idempotency keys of {File}, which goes, could not be kept: what is sent again with one of them is stored again.")]
    private static partial void LogNotKept(ILogger logger, Exception failure, string file);

    [LoggerMessage(2016, LogLevel.Warning, "{File} could not be removed; the next start tries again.")]
    private static partial void LogNotRemoved(ILogger logger, Exception failure, string file);

    [LoggerMessage(2005, LogLevel.Warning, "{File} is damaged: its keys that are sound count, and what is sent again with another of them is stored again. It holds no events, and can be deleted.")]
    private static partial void LogUnreadable(ILogger logger, string file);
}

/// <summary>Keys that are durable in a file of their own.</summary>
/// <param name="File">The file.</param>
/// <param name="Moves">Where each key was in the file that goes, and where it is here.</param>
internal sealed record KeptKeys(SegmentFile File, IReadOnlyList<(KeyEntry From, uint ToUnits)> Moves);
