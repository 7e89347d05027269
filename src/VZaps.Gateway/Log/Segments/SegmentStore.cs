namespace VZaps.Gateway.Log.Segments;

/// <summary>The files of the log, oldest first, and the one that is written. The writer's alone, but for what they take.</summary>
internal sealed class SegmentStore(ILogFiles files, SegmentIndex index, UInt128 seed, long lastNumber) : IDisposable
{
    private readonly NextFile _next = new(files);
    private volatile SegmentFile? _current;
    private long _lastNumber = lastNumber;
    private bool _isEnding;

    public ILogFiles Files => files;

    /// <summary>The seed of the key hashes; the same in every file.</summary>
    public UInt128 Seed => seed;

    /// <summary>Files that are not written any more, oldest first.</summary>
    public IReadOnlyList<SegmentFile> Closed => index.Closed.All;

    /// <summary>The file that is written; null before the first record and after a roll that found no room.</summary>
    public SegmentFile? Current
    {
        get => _current;
        private set => _current = value;
    }

    /// <summary>What all files take on the disk; for any thread.</summary>
    public long Bytes => index.Closed.All.Sum(file => file.Bytes) + (_current?.Bytes ?? 0);

    /// <summary>Whether the current file takes so many bytes more; one whose end could not be settled takes none.</summary>
    public bool HasRoom(long bytes) => Current is { } current && !_isEnding && current.End + bytes <= current.Bytes;

    /// <summary>Whether the current file takes so many bytes more and still has room for its footer, which grows with them.</summary>
    public bool HasRoomWithFooter(long bytes) => HasRoom(bytes + (Current?.FooterBytes ?? 0));

    /// <summary>Ends the current file, durably; the room that was taken ahead is given back.</summary>
    /// <exception cref="LogDiskFullException">It is not ended yet; nothing is written to it, and it can be tried again.</exception>
    public void CloseCurrent()
    {
        if (Current is not { } current)
            return;
        _isEnding = true;
        SegmentClosing.Close(current, index);
        _isEnding = false;
        Current = null;
        if (current.End > FileHeader.Length)
            return;

        // A disk without room would else collect a file without a record for each try.
        _lastNumber = current.Number - 1;
        current.Release();
    }

    /// <summary>Has the next file made, on another thread, once the current one is half full.</summary>
    public void PrepareAhead(long bytes)
    {
        if (Current is { } current && current.End > current.Bytes / 2)
            _next.Begin(new FileHeader(FileHeader.CurrentVersion, _lastNumber + 1, seed), bytes);
    }

    /// <summary>Takes the room for the next file; it is not one of the log's yet.</summary>
    /// <exception cref="IOException">There is no room, or no way to make a file. What is left of the try is used by the next one,
    /// and a start takes an empty last file for what it is.</exception>
    public SegmentFile Prepare(long bytes)
    {
        var number = _lastNumber + 1;
        if (_next.Take(number, bytes) is { } made)
            return new SegmentFile(number, made);
        var io = files.Create(SegmentFile.NameOf(number), bytes);
        try
        {
            var page = new byte[FileHeader.Length];
            new FileHeader(FileHeader.CurrentVersion, number, seed).Write(page);
            io.Write(page, 0);
            return new SegmentFile(number, io);
        }
        catch
        {
            io.Dispose();
            throw;
        }
    }

    /// <summary>Makes a prepared file the current one, durable before a record is written to it.</summary>
    /// <exception cref="IOException">A flush failed; the file is let go.</exception>
    public void Begin(SegmentFile next)
    {
        try
        {
            next.Io.Flush();
            files.FlushFolder();
        }
        catch
        {
            next.Release();
            throw;
        }

        _lastNumber = next.Number;
        Current = next;
    }

    /// <summary>Takes a file off the disk that is none of the log's any more; on any thread. Readers that are at it finish.</summary>
    /// <exception cref="IOException">It could not be: it is there, and held as before.</exception>
    public void Delete(SegmentFile file)
    {
        files.Delete(file.Name);
        files.FlushFolder();
        file.Release();
    }

    public void Dispose()
    {
        foreach (var file in index.Closed.All)
            file.Release();
        Current?.Release();
        _next.Discard();
    }
}
