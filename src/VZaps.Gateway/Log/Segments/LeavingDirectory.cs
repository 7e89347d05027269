namespace VZaps.Gateway.Log.Segments;

/// <summary>What a file holds that is about to go.</summary>
/// <param name="Entries">What its directory says, as far as that is sound.</param>
/// <param name="AreAll">Whether all of it is.</param>
internal sealed record LeavingBlocks(IReadOnlyList<DirectoryEntry> Entries, bool AreAll);

/// <summary>
/// Reads the directory of a file that is about to go. One that is damaged is made again first: that reads all of the file, so it is done on another thread,
/// and the file stays until then. The writer's alone, but for that work.
/// </summary>
internal sealed class LeavingDirectory(SegmentIndex index)
{
    private SegmentFile? _file;
    private Task? _rebuild;
    private volatile bool _hasRebuilt; // the task itself has not ended when its end is told

    /// <summary>Told, on another thread, when the file can be asked for again.</summary>
    public Action Wake { get; set; } = static () => { };

    /// <summary>Whether a directory is being made again.</summary>
    public bool IsRebuilding => _rebuild is not null && !_hasRebuilt;

    /// <summary>What a file holds; null where its directory is being made again, or that of another.</summary>
    /// <param name="file">A closed file.</param>
    /// <param name="waits">Whether to wait for that instead.</param>
    public LeavingBlocks? Read(SegmentFile file, bool waits)
    {
        if (IsRebuilding && !waits)
            return null;
        Stop();
        var blocks = Read(file);
        if (blocks.AreAll || _file == file)
            return blocks;
        (_file, _hasRebuilt, _rebuild) = (file, false, Task.Run(() => Rebuild(file)));
        return Read(file, waits);
    }

    /// <summary>Waits for the other thread.</summary>
    public void Stop()
    {
        var rebuild = _rebuild;
        _rebuild = null;
        rebuild?.GetAwaiter().GetResult();
    }

    private LeavingBlocks Read(SegmentFile file)
    {
        var entries = new List<DirectoryEntry>();
        try
        {
            return new LeavingBlocks(entries, index.Pages.TryReadAll(file, entries));
        }
        catch (IOException)
        {
            return new LeavingBlocks(entries, AreAll: false);
        }
    }

    private void Rebuild(SegmentFile file)
    {
        try
        {
            index.Pages.Rebuild(index, file);
        }
        catch (Exception failure) when (failure is IOException or OutOfMemoryException)
        {
            // It goes with what is known of it. Readers that come to it before that are told what is wrong.
        }
        finally
        {
            _hasRebuilt = true;
            Wake();
        }
    }
}
