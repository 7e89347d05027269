using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// Events for a client of <c>vzaps.ext.1</c>: what is ready goes out as one JSON array, and a redelivery says so. A single
/// event is sent from the log's own bytes, without a copy.
/// </summary>
internal sealed class BatchFrames(WebSocket socket) : IEventFrames
{
    /// <summary>A batch stays under this many bytes; an event that is larger goes alone.</summary>
    public const int MaxBatchBytes = 256 * 1024;

    private ReadOnlyMemory<byte> _single; // the first event, while it is the only one
    private byte[]? _buffer; // from the pool, while there are more
    private int _length;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> envelope, int delivery, CancellationToken cancellationToken)
    {
        var bytes = delivery > 1 ? WithDelivery(envelope.Span, delivery) : envelope;
        // The brackets and the comma count, too.
        if (Waiting + bytes.Length + 3 >= MaxBatchBytes)
            await FlushAsync(cancellationToken);
        if (Waiting == 0)
        {
            _single = bytes;
            return;
        }

        if (!_single.IsEmpty)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(MaxBatchBytes);
            Append((byte)'[', _single.Span);
            _single = default;
        }

        Append((byte)',', bytes.Span);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (!_single.IsEmpty)
        {
            var single = _single;
            _single = default;
            await socket.SendAsync(single, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        else if (_buffer is not null)
        {
            _buffer[_length++] = (byte)']';
            await socket.SendAsync(_buffer.AsMemory(0, _length), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            // An idle connection holds no buffer.
            Dispose();
        }
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        (_buffer, _length) = (null, 0);
    }

    private int Waiting => _single.Length + _length;

    private void Append(byte separator, ReadOnlySpan<byte> bytes)
    {
        _buffer![_length++] = separator;
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>The envelope with one more field at its end.</summary>
    private static byte[] WithDelivery(ReadOnlySpan<byte> envelope, int delivery)
    {
        Span<byte> number = stackalloc byte[16];
        Utf8Formatter.TryFormat(delivery, number, out var digits);
        return [.. envelope[..^1], .. ",\"delivery\":"u8, .. number[..digits], (byte)'}'];
    }
}
