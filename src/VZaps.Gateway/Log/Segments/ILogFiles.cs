namespace VZaps.Gateway.Log.Segments;

/// <summary>All that the log asks of a disk, in one folder; every I/O goes through it, so that tests can fail, tear, lose and forget.</summary>
/// <remarks>Whatever finds no room on the disk throws <see cref="LogDiskFullException"/>; other failures come as they are.</remarks>
internal interface ILogFiles
{
    /// <summary>The names of the files in the folder, in no order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes a file of that length, its room on the disk taken; one of that name is emptied first.</summary>
    ILogFile Create(string name, long length);

    ILogFile Open(string name);

    void Rename(string from, string to);

    void Delete(string name);

    /// <summary>Makes creates, renames and deletes survive a power cut.</summary>
    void FlushFolder();

    /// <summary>Bytes that are free on the folder's disk.</summary>
    long FreeBytes { get; }
}

/// <summary>One open file of the log. Thread-safe.</summary>
internal interface ILogFile : IDisposable
{
    long Length { get; }

    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads up to the buffer's length; less only at the file's end.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <inheritdoc cref="Read"/>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    void SetLength(long length);

    /// <summary>Makes what was written survive a power cut.</summary>
    void Flush();
}
