using System.IO.Pipelines;

namespace VZaps.Client.Tests.Faults;

/// <summary>A line between client and server in this process; the client's end of it has a fault.</summary>
internal sealed class FaultyLine : Stream
{
    /// <summary>Short of the keep-alive, so that it is waited out.</summary>
    private static readonly TimeSpan StallTime = TimeSpan.FromMilliseconds(20);

    private readonly Pipe _down = new();
    private readonly Pipe _up = new();
    private readonly LineFault _fault;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _read, _written;
    private volatile bool _isDeaf, _isCut;
    private bool _hasStalled;

    public FaultyLine(LineFault fault)
    {
        _fault = fault;
        ServerEnd = new BothWays(_up.Reader.AsStream(), _down.Writer.AsStream());
    }

    /// <summary>The server's end, on which nothing is wrong.</summary>
    public Stream ServerEnd { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
            return 0;
        var left = _fault.Kind is FaultKind.Cut or FaultKind.EndOfStream or FaultKind.HalfOpen or FaultKind.Stall ? _fault.After - _read : int.MaxValue;
        if (left <= 0 && !_hasStalled)
        {
            if (_fault.Kind != FaultKind.Stall)
                return await EndAsync();
            _hasStalled = true;
            await Task.Delay(StallTime, cancellationToken);
        }

        ThrowIfCut();
        var read = await ReadDownAsync(buffer[..Math.Min(buffer.Length, left > 0 ? left : buffer.Length)], cancellationToken);
        _read += read;
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfCut();
        if (_isDeaf)
            return;
        if (_fault.Kind == FaultKind.CutOnTheWayUp && _written + buffer.Length > _fault.After)
        {
            await _up.Writer.WriteAsync(buffer[..Math.Max(0, _fault.After - _written)], cancellationToken);
            Cut();
            ThrowIfCut();
        }

        _written += buffer.Length;
        await _up.Writer.WriteAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _disposed.TrySetResult();
        Cut();
        base.Dispose(disposing);
    }

    private async ValueTask<int> EndAsync()
    {
        if (_fault.Kind == FaultKind.HalfOpen)
        {
            // What is sent goes nowhere and nothing comes, until the client has had enough.
            _isDeaf = true;
            await _disposed.Task;
        }

        Cut();
        return _fault.Kind == FaultKind.EndOfStream ? 0 : throw new IOException("The line was cut.");
    }

    private async Task<int> ReadDownAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await _down.Reader.ReadAsync(cancellationToken);
        var taken = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        var position = 0;
        foreach (var part in taken)
        {
            part.CopyTo(buffer[position..]);
            position += part.Length;
        }

        _down.Reader.AdvanceTo(taken.End);
        ThrowIfCut();
        return position;
    }

    private void Cut()
    {
        if (_isCut)
            return;
        _isCut = true;
        _down.Reader.CancelPendingRead();
        _up.Writer.Complete(new IOException("The line was cut."));
        _down.Writer.CancelPendingFlush();
    }

    private void ThrowIfCut()
    {
        if (_isCut)
            throw new IOException("The line was cut.");
    }

    /// <summary>A stream of each direction as one.</summary>
    private sealed class BothWays(Stream reading, Stream writing) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => reading.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            reading.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await writing.WriteAsync(buffer, cancellationToken);
            await writing.FlushAsync(cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
            // Written is flushed.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
