namespace VZaps.Gateway.Log.Segments;

/// <summary>Which files may go, and what must be written before they do. The writer's alone.</summary>
internal sealed partial class SegmentRetention(
    SegmentStore store, SegmentIndex index, SegmentRemoval removal, LogOptions options, long maxBytes, TimeProvider time, ILogger logger)
{
    // Files go whole, so the oldest event of one waits for its newest: for this part of the age at most.
    private const int FilesOfAnAge = 8;

    /// <summary>Whether the current file holds enough time, or is too old: then it is ended, so that it can go before long.</summary>
    public bool ShouldCloseCurrent() => store.Current is { NewestMs: > 0 } current
        && DateTimeOffset.FromUnixTimeMilliseconds(current.OldestMs) < time.GetUtcNow() - (options.RetentionAge / FilesOfAnAge);

    /// <summary>The oldest files whose newest record is too old.</summary>
    public IReadOnlyList<SegmentFile> Expired() => [.. store.Closed.TakeWhile(IsExpired)];

    /// <summary>The oldest files that have to go for the rest to fit, with room for one more file.</summary>
    public IReadOnlyList<SegmentFile> OverBytes()
    {
        var over = new List<SegmentFile>();
        // What is on its way off the disk is not counted: two files at most. What cannot be deleted is, but for half of the limit at most, or it
        // would push out all events.
        var bytes = store.Bytes + Math.Min(removal.StuckBytes, maxBytes / 2) + (store.Current is null ? options.SegmentBytes : 0);
        foreach (var file in store.Closed)
        {
            if (bytes <= maxBytes)
                break;
            bytes -= file.Bytes;
            over.Add(file);
        }

        return over;
    }

    /// <summary>The oldest files that are too old or too many.</summary>
    public IReadOnlyList<SegmentFile> ToDrop()
    {
        var (expired, over) = (Expired(), OverBytes());
        return expired.Count > over.Count ? expired : over;
    }

    /// <summary>The instances whose newest record is in the file: their last sequences must outlive it, or they would be given out again.</summary>
    public List<InstanceIndex> MarksFor(SegmentFile file) => [.. index.All.Where(events => events.NewestFile == file)];

    /// <summary>Has nobody find a file any more: its events have gone, and it can be taken off the disk.</summary>
    /// <param name="file">The file.</param>
    /// <param name="blocks">What it holds.</param>
    public void LetGo(SegmentFile file, LeavingBlocks blocks)
    {
        // The events first: readers see that they have gone before they miss the file.
        foreach (var block in blocks.Entries)
            index.Find(block.Instance)!.Drop(block);
        index.Closed.Remove(file);
        if (!blocks.AreAll)
            LetGoUnread(file.Directory!);
        LogDropped(logger, file.Name, file.End, DateTimeOffset.FromUnixTimeMilliseconds(file.NewestMs));
    }

    private void LetGoUnread(FileDirectory directory)
    {
        foreach (var events in index.All.Where(directory.Holds))
        {
            try
            {
                events.DropUnread();
            }
            catch (IOException)
            {
                // Readers find where the events begin when they can read.
            }
        }
    }

    private bool IsExpired(SegmentFile file) =>
        DateTimeOffset.FromUnixTimeMilliseconds(file.NewestMs) < time.GetUtcNow() - options.RetentionAge;

    [LoggerMessage(2021, LogLevel.Information, "Retention removed {File} ({Bytes} bytes, newest event of {Newest}).")]
    private static partial void LogDropped(ILogger logger, string file, long bytes, DateTimeOffset newest);
}
