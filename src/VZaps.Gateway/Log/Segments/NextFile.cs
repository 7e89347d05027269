namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Makes the next file while the one before it is written, on another thread, so that publishers do not wait for its room. It is no file of the
/// log's until it is taken. The writer's alone, but for the making.
/// </summary>
internal sealed class NextFile(ILogFiles files)
{
    public const string Suffix = ".prepared";

    /// <summary>A smaller file is made in less time than it takes to wake a thread for it.</summary>
    public const long LeastBytes = 1L << 20;

    private (long Number, long Bytes) _wanted;
    private Task<ILogFile?>? _making;

    /// <summary>Begins to make a file, unless one is there or on its way.</summary>
    public void Begin(FileHeader header, long bytes)
    {
        if (_making is not null || bytes < LeastBytes)
            return;
        _wanted = (header.Number, bytes);
        _making = Task.Run(() => TryMake(header, bytes));
    }

    /// <summary>The file, under its name; null where there is none of that number and size.</summary>
    /// <exception cref="IOException">It could not be renamed, and is let go.</exception>
    public ILogFile? Take(long number, long bytes)
    {
        if (_making is null)
            return null;
        if (_wanted != (number, bytes))
        {
            Discard();
            return null;
        }

        var io = _making.GetAwaiter().GetResult();
        _making = null;
        if (io is null)
            return null;
        try
        {
            files.Rename(NameOf(number), SegmentFile.NameOf(number));
            return io;
        }
        catch
        {
            io.Dispose();
            throw;
        }
    }

    /// <summary>Lets the file go that was made and is not wanted.</summary>
    public void Discard()
    {
        if (_making?.GetAwaiter().GetResult() is { } io)
        {
            io.Dispose();
            TryDelete(NameOf(_wanted.Number));
        }

        _making = null;
    }

    /// <summary>Lets those go that a process which ended has left behind.</summary>
    public static void DeleteLeftOvers(ILogFiles files)
    {
        foreach (var name in files.List().Where(name => name.EndsWith(Suffix, StringComparison.Ordinal)))
            files.Delete(name);
    }

    private ILogFile? TryMake(FileHeader header, long bytes)
    {
        ILogFile? io = null;
        try
        {
            io = files.Create(NameOf(header.Number), bytes);
            var page = new byte[FileHeader.Length];
            header.Write(page);
            io.Write(page, 0);
            io.Flush();
            return io;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing is at stake: the writer makes one when it needs it, and says what is wrong if that fails, too.
            io?.Dispose();
            TryDelete(NameOf(header.Number));
            return null;
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

    private static string NameOf(long number) => SegmentFile.NameOf(number) + Suffix;
}
