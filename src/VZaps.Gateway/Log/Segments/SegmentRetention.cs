namespace VZaps.Gateway.Log.Segments;

/// <summary>Which files may go, and what must be written before they do. The writer's alone.</summary>
internal sealed partial class SegmentRetention(
    SegmentStore store, SegmentIndex index, KeyFiles keys, LogOptions options, long maxBytes, TimeProvider time, ILogger logger)
{
    /// <summary>Whether all that the current file holds is too old: then it is ended, so that it can go.</summary>
    public bool ShouldCloseCurrent() => store.Current is { NewestMs: > 0 } current && IsExpired(current);

    /// <summary>The oldest files whose newest record is too old.</summary>
    public IReadOnlyList<SegmentFile> Expired() => [.. store.Closed.TakeWhile(IsExpired)];

    /// <summary>The oldest files that have to go for the rest to fit, with room for one more file.</summary>
    public IReadOnlyList<SegmentFile> OverBytes()
    {
        var over = new List<SegmentFile>();
        var bytes = store.Bytes + (store.Current is null ? options.SegmentBytes : 0);
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

    /// <summary>Keeps what must outlive a file.</summary>
    /// <exception cref="IOException">It could not be kept: the file must stay.</exception>
    public void KeepKeys(SegmentFile file) => keys.Keep(file);

    /// <summary>Lets keys go that are too old.</summary>
    public void DropKeys() => keys.DropExpired();

    /// <summary>Lets a file go.</summary>
    public void Drop(SegmentFile file)
    {
        foreach (var events in index.All)
            events.Drop(file);
        store.Delete(file);
        LogDropped(logger, file.Name, file.End, DateTimeOffset.FromUnixTimeMilliseconds(file.NewestMs));
    }

    private bool IsExpired(SegmentFile file) =>
        DateTimeOffset.FromUnixTimeMilliseconds(file.NewestMs) < time.GetUtcNow() - options.RetentionAge;

    [LoggerMessage(2021, LogLevel.Information, "Retention removed {File} ({Bytes} bytes, newest event of {Newest}).")]
    private static partial void LogDropped(ILogger logger, string file, long bytes, DateTimeOffset newest);
}
