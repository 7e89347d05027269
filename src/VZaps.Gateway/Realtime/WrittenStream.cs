namespace VZaps.Gateway.Realtime;

/// <summary>
/// The bytes of an upgraded connection, shared by two writers: the WebSocket writes its control frames through it, and the
/// sending loop writes data frames past the WebSocket. Each write is made of whole frames, and one is at it at a time.
/// </summary>
/// <remarks>
/// Writes go on in pieces, so that a reader that takes some of a large message is told apart from one that takes nothing.
/// <see cref="WaitingFor"/> may be asked from anywhere.
/// </remarks>
internal sealed class WrittenStream(Stream inner, TimeProvider time) : Stream
{
    /// <summary>Bytes of a piece: what a reader has to take within the stall timeout.</summary>
    public const int PieceBytes = 32 * 1024;

    // No handle is ever made of it, so there is nothing to dispose.
    private readonly SemaphoreSlim _writing = new(1);
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

    /// <summary>Writes a message from where it stands, behind a header of its own.</summary>
    /// <exception cref="PeerGoneException">The peer is gone.</exception>
    public async ValueTask WriteTextAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var header = new byte[DataFrame.MaxHeaderLength];
        var headerLength = DataFrame.WriteHeader(header, payload.Length);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WritePiecesAsync(header.AsMemory(0, headerLength), cancellationToken);
            await WritePiecesAsync(payload, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WritePiecesAsync(buffer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    // The server's stream sends what is written to it by itself.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException("A connection is written without blocking a thread.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A connection is read without blocking a thread.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A connection is written without blocking a thread.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _writing.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask WritePiecesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
            {
                Volatile.Write(ref _pieceSince, time.GetTimestamp());
                await inner.WriteAsync(rest[..Math.Min(PieceBytes, rest.Length)], cancellationToken);
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw new PeerGoneException("The peer took no more bytes.", gone);
        }
        finally
        {
            Volatile.Write(ref _pieceSince, 0);
        }
    }
}
