namespace VZaps.Gateway.Log.Segments;

/// <summary>The files of the log, oldest first, and the one that is written. The writer's alone.</summary>
internal sealed class SegmentStore(ILogFiles files, UInt128 seed, long segmentBytes, List<SegmentFile> closed, long lastNumber) : IDisposable
{
    private long _lastNumber = lastNumber;

    public ILogFiles Files => files;

    /// <summary>The seed of the key hashes; the same in every file.</summary>
    public UInt128 Seed => seed;

    /// <summary>Files that are not written any more, oldest first.</summary>
    public List<SegmentFile> Closed => closed;

    /// <summary>The file that is written; null before the first record and after a roll that found no room.</summary>
    public SegmentFile? Current { get; private set; }

    /// <summary>What all files take on the disk.</summary>
    public long Bytes => closed.Sum(file => file.Bytes) + (Current?.Bytes ?? 0);

    public bool HasRoom(long bytes) => Current is { } current && current.End + bytes <= segmentBytes;

    /// <summary>Ends the current file at its last record, durably: a file that is not the last has no other end than its length.</summary>
    public void CloseCurrent()
    {
        if (Current is not { } current)
            return;
        current.Io.SetLength(current.End);
        current.Io.Flush();
        current.Bytes = current.End;
        closed.Add(current);
        Current = null;
    }

    /// <summary>Makes the next file, durable before a record is written to it.</summary>
    /// <exception cref="IOException">There is no room; nothing is left of the try.</exception>
    public void CreateNext()
    {
        var number = _lastNumber + 1;
        var name = SegmentFile.NameOf(number);
        ILogFile? io = null;
        try
        {
            io = files.Create(name, segmentBytes);
            var page = new byte[FileHeader.Length];
            new FileHeader(FileHeader.CurrentVersion, number, seed).Write(page);
            io.Write(page, 0);
            io.Flush();
            files.FlushFolder();
        }
        catch
        {
            io?.Dispose();
            // The same number is tried again; a start would take an empty last file for what it is.
            throw;
        }

        _lastNumber = number;
        Current = new SegmentFile(number, io);
    }

    public void Delete(SegmentFile file)
    {
        closed.Remove(file);
        files.Delete(file.Name);
        files.FlushFolder();
        file.Release(); // readers that are at it finish
    }

    public void Dispose()
    {
        foreach (var file in closed)
            file.Release();
        Current?.Release();
    }
}
