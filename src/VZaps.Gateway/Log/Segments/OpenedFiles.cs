namespace VZaps.Gateway.Log.Segments;

/// <summary>A file as a start finds it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Io">The open file.</param>
/// <param name="Header">Null where it is not readable.</param>
/// <param name="Footer">Null where there is none that is sound.</param>
internal sealed record OpenedFile(long Number, ILogFile Io, FileHeader? Header, FooterReader? Footer);

/// <summary>Opens the files of a start and reads their footers, some ahead of the one that is asked for.</summary>
internal sealed class OpenedFiles(ILogFiles files, IReadOnlyList<long> numbers) : IDisposable
{
    // Of each there is a footer in memory: some 2 MB.
    private const int Ahead = 8;

    private readonly Queue<Task<OpenedFile>> _opening = [];
    private int _next;

    /// <summary>The next file, in the order of the numbers.</summary>
    /// <exception cref="IOException">It could not be read.</exception>
    public OpenedFile Next()
    {
        // Fewer are read in less time than it takes to wake threads for them.
        if (numbers.Count <= Ahead)
            return Open(numbers[_next++]);
        for (; _opening.Count < Ahead && _next < numbers.Count; _next++)
        {
            var number = numbers[_next];
            _opening.Enqueue(Task.Run(() => Open(number)));
        }

        return _opening.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>Closes those that were not asked for, as where one before them is damaged.</summary>
    public void Dispose()
    {
        foreach (var opening in _opening)
        {
            try
            {
                opening.GetAwaiter().GetResult().Io.Dispose();
            }
            catch (IOException)
            {
                // It was not opened.
            }
        }
    }

    private OpenedFile Open(long number)
    {
        var io = files.Open(SegmentFile.NameOf(number));
        try
        {
            var page = new byte[FileHeader.Length];
            io.Read(page, 0);
            return FileHeader.TryRead(page, out var header)
                ? new OpenedFile(number, io, header, FooterReader.TryRead(io, (uint)number))
                : new OpenedFile(number, io, null, null);
        }
        catch
        {
            io.Dispose();
            throw;
        }
    }
}
