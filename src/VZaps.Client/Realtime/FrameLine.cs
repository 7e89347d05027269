using System.Diagnostics.CodeAnalysis;

namespace VZaps.Client.Realtime;

/// <summary>
/// The bytes under a WebSocket, which writes a frame at a time to it. Between those, ready-made frames may be written, many at once: the WebSocket itself has a system call, and a call
/// of the random generator that costs more than the rest of a small frame, for each.
/// </summary>
/// <remarks>One reader; any number of writers.</remarks>
[SuppressMessage("Reliability", "CA2213", Justification = "The semaphore holds nothing while nobody asks for its wait handle, and a writer may still hold it.")]
internal sealed class FrameLine(Stream line) : Stream
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    public override bool CanRead => line.CanRead;
    public override bool CanWrite => line.CanWrite;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => line.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => line.ReadAsync(buffer, offset, count, cancellationToken);

    /// <summary>Writes whole frames.</summary>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await line.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => line.FlushAsync(cancellationToken);

    public override void Flush() => line.Flush();

    // The WebSocket above reads and writes asynchronously alone.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            line.Dispose();
        base.Dispose(disposing);
    }
}
