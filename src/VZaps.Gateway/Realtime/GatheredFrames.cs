using System.Buffers;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// One event a message, and always the same bytes: what every client understands. Frames that are ready together leave in
/// one write; the WebSocket, which would make a write of each, is passed by.
/// </summary>
internal sealed class GatheredFrames(WrittenStream stream) : IEventFrames
{
    /// <summary>Bytes that are gathered at most; a larger event goes by itself, without a copy.</summary>
    private const int MaxGatheredBytes = 64 * 1024;

    private byte[]? _buffer; // from the pool, while something waits
    private int _length;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> envelope, int delivery, CancellationToken cancellationToken)
    {
        var frameLength = DataFrame.HeaderLength(envelope.Length) + envelope.Length;
        if (_length + frameLength > MaxGatheredBytes)
            await FlushAsync(cancellationToken);
        if (frameLength > MaxGatheredBytes)
        {
            await stream.WriteTextAsync(envelope, cancellationToken);
            return;
        }

        _buffer ??= ArrayPool<byte>.Shared.Rent(MaxGatheredBytes);
        _length += DataFrame.WriteHeader(_buffer.AsSpan(_length), envelope.Length);
        envelope.Span.CopyTo(_buffer.AsSpan(_length));
        _length += envelope.Length;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_length == 0)
            return;
        await stream.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken);
        // An idle connection holds no buffer.
        Dispose();
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        (_buffer, _length) = (null, 0);
    }
}
