using System.Globalization;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Keys of events that retention has removed: a file for each file of the log that has gone, with its keys, until they are 8 days old.
/// The writer's alone.
/// </summary>
internal sealed partial class KeyFiles(ILogFiles files, KeyTable keys, TimeProvider time, ILogger logger) : IDisposable
{
    private const string Suffix = ".keys";
    private const string UnfinishedSuffix = ".keys.new";

    /// <summary>How long the contract has a key count.</summary>
    public static readonly TimeSpan KeyAge = TimeSpan.FromDays(8);

    private volatile SegmentFile[] _kept = [];

    /// <summary>What they take on the disk; for any thread.</summary>
    public long Bytes => _kept.Sum(file => file.Bytes);

    /// <summary>Takes over what is there at a start.</summary>
    /// <param name="segments">The log's files; keys of one that is there are in it.</param>
    public void Open(IReadOnlyCollection<SegmentFile> segments)
    {
        var numbers = segments.Select(segment => segment.Number).ToHashSet();
        foreach (var name in files.List().Order(StringComparer.Ordinal))
        {
            if (name.EndsWith(UnfinishedSuffix, StringComparison.Ordinal))
                files.Delete(name);
            else if (TryParseName(name, out var number) && numbers.Contains(number))
                files.Delete(name); // a crash kept the other one from going; this is written anew when it goes
            else if (number > 0)
                Take(new SegmentFile(number, files.Open(name), name));
        }

        DropExpired();
    }

    /// <summary>Keeps the keys of a file that is about to go.</summary>
    /// <exception cref="IOException">They could not be written, and not for want of room.</exception>
    public void Keep(SegmentFile segment)
    {
        if (IsExpired(segment) || TryRead(segment) is not { Moves.Count: > 0 } content)
        {
            keys.Forget(segment);
            return;
        }

        try
        {
            var kept = Write(segment, content.Bytes);
            foreach (var (from, toUnits) in content.Moves)
                keys.Move(from, kept, toUnits);
            keys.Attach(kept);
            _kept = [.. _kept, kept];
        }
        catch (LogDiskFullException noRoom)
        {
            // The file that goes is the room that the disk lacks, and publishers wait for it.
            keys.Forget(segment);
            LogNotKept(logger, noRoom, segment.Name);
        }
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
            catch (IOException failure)
            {
                LogNotRemoved(logger, failure, file.Name);
            }
        }
    }

    public void Dispose() => Array.ForEach(_kept, file => file.Release());

    private void Take(SegmentFile file)
    {
        if (FooterReader.TryRead(file.Io, file.Generation) is not { } footer)
        {
            LogUnreadable(logger, file.Name);
            file.Release();
            return;
        }

        (file.OldestMs, file.NewestMs) = (footer.Trailer.OldestMs, footer.Trailer.NewestMs);
        keys.Attach(file);
        foreach (var key in footer.Keys)
            keys.Add(key.Hash, file, key.OffsetUnits);
        _kept = [.. _kept, file];
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
        var name = segment.Number.ToString("D12", CultureInfo.InvariantCulture) + Suffix;
        var unfinished = segment.Number.ToString("D12", CultureInfo.InvariantCulture) + UnfinishedSuffix;
        var io = files.Create(unfinished, content.Length);
        try
        {
            io.Write(content, 0);
            io.Flush();
            files.Rename(unfinished, name);
            files.FlushFolder();
            return new SegmentFile(segment.Number, io, name) { OldestMs = segment.OldestMs, NewestMs = segment.NewestMs };
        }
        catch
        {
            io.Dispose();
            throw;
        }
    }

    private bool IsExpired(SegmentFile file) => DateTimeOffset.FromUnixTimeMilliseconds(file.NewestMs) < time.GetUtcNow() - KeyAge;

    /// <summary>Whether it is the name of a file of keys, and of which file's.</summary>
    public static bool TryParseName(string name, out long number)
    {
        number = 0;
        return name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    [LoggerMessage(2015, LogLevel.Warning, "The idempotency keys of {File}, which goes, could not be kept: what is sent again with one of them is stored again.")]
    private static partial void LogNotKept(ILogger logger, Exception failure, string file);

    [LoggerMessage(2016, LogLevel.Warning, "{File} could not be removed; the next start tries again.")]
    private static partial void LogNotRemoved(ILogger logger, Exception failure, string file);

    [LoggerMessage(2005, LogLevel.Warning, "{File} is damaged: what is sent again with one of its idempotency keys is stored again. It holds no events, and can be deleted.")]
    private static partial void LogUnreadable(ILogger logger, string file);
}
