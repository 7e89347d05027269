namespace VZaps.Gateway.Realtime;

/// <summary>
/// The bytes of an upgraded connection. Writes go in pieces, so that a reader that takes some of a large message is told
/// apart from one that takes nothing, and none of it waits in memory twice.
/// </summary>
/// <remarks>One writer at a time; <see cref="WaitingFor"/> may be asked from anywhere.</remarks>
internal sealed class WrittenStream(Stream inner, TimeProvider time) : Stream
{
    /// <summary>Bytes of a piece: what a reader has to take within the stall timeout.</summary>
    public const int PieceBytes = 16 * 1024;

    private long _pieceSince; // a timestamp; 0 while nothing is being written

    /// <summary>For how long the reader has taken nothing of what is being written.</summary>
    public TimeSpan WaitingFor => Volatile.Read(ref _pieceSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            for (var rest = buffer; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
            {
                Volatile.Write(ref _pieceSince, time.GetTimestamp());
                await inner.WriteAsync(rest[..Math.Min(PieceBytes, rest.Length)], cancellationToken);
            }
        }
        finally
        {
            Volatile.Write(ref _pieceSince, 0);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException("A connection is written without blocking a thread.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A connection is read without blocking a thread.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A connection is written without blocking a thread.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
