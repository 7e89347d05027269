using System.Buffers.Binary;

namespace VZaps.Benchmarks.InProcess;

/// <summary>The server's end of a connection: hands out frames that were made before, counts acks by the length of what it gets, and answers a close.</summary>
internal sealed class ScriptedStream(byte[] frames, int acks) : Stream
{
    private const int ManyOverhead = 28; // of {"type":"ack","event_ids":[…]}, with ids of 33 bytes
    private const int BytesAnId = 33;
    private static readonly byte[] CloseFrame = [0x88, 2, 0x03, 0xE8];
    private readonly TaskCompletionSource _allAcked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _read, _acked, _closeRead;

    /// <summary>Completes when every event has been acked.</summary>
    public Task AllAcked => _allAcked.Task;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read < frames.Length)
            return Copy(frames, ref _read, buffer);
        await _closed.Task.WaitAsync(cancellationToken);
        return Copy(CloseFrame, ref _closeRead, buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Whole frames, one or many.
        var acked = 0;
        for (var rest = buffer.Span; rest.Length > 0;)
        {
            if ((rest[0] & 0xF) == 8)
                _closed.TrySetResult();
            acked += AcksIn(rest, out var length);
            rest = rest[length..];
        }

        if (Interlocked.Add(ref _acked, acked) >= acks)
            _allAcked.TrySetResult();
        return default;
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
        _closed.TrySetResult();
        base.Dispose(disposing);
    }

    private static int AcksIn(ReadOnlySpan<byte> frame, out int length)
    {
        const int Key = 4;
        var (payload, head) = (frame[1] & 0x7F) switch
        {
            126 => (BinaryPrimitives.ReadUInt16BigEndian(frame[2..]), 4),
            127 => ((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]), 10),
            var size => (size, 2),
        };
        length = head + Key + payload;
        return payload == 0 ? 0 : Math.Max(1, (payload - ManyOverhead) / BytesAnId);
    }

    private static int Copy(byte[] source, ref int position, Memory<byte> destination)
    {
        var length = Math.Min(destination.Length, source.Length - position);
        source.AsSpan(position, length).CopyTo(destination.Span);
        position += length;
        return length;
    }
}
