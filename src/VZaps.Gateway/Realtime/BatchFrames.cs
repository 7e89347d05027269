using System.Buffers;
using System.Buffers.Text;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// Events for a client of <c>vzaps.ext.1</c>: what is ready goes out as one JSON array, and a redelivery says so. A single
/// event goes as the object that it is, and so does one that is too large for a batch.
/// </summary>
internal sealed class BatchFrames(WrittenStream stream) : IEventFrames
{
    private const int PayloadStart = DataFrame.MaxHeaderLength; // the header is written right before it, once its length is known

    private ReadOnlyMemory<byte> _single; // the first event, while it is the only one
    private byte[]? _buffer; // from the pool, while there are more
    private int _length;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> envelope, int delivery, CancellationToken cancellationToken)
    {
        var bytes = delivery > 1 ? WithDelivery(envelope.Span, delivery) : envelope;
        // The brackets and the comma count, too.
        if (_single.Length + _length + bytes.Length + 3 >= ExtensionProtocol.MaxBatchBytes)
            await FlushAsync(cancellationToken);
        if (_single.IsEmpty && _length == 0)
        {
            _single = bytes;
            return;
        }

        if (!_single.IsEmpty)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(PayloadStart + ExtensionProtocol.MaxBatchBytes);
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
            await stream.WriteTextAsync(single, cancellationToken);
        }
        else if (_buffer is not null)
        {
            _buffer[PayloadStart + _length++] = (byte)']';
            var headerLength = DataFrame.HeaderLength(_length);
            DataFrame.WriteHeader(_buffer.AsSpan(PayloadStart - headerLength), _length);
            await stream.WriteAsync(_buffer.AsMemory(PayloadStart - headerLength, headerLength + _length), cancellationToken);
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

    private void Append(byte separator, ReadOnlySpan<byte> bytes)
    {
        _buffer![PayloadStart + _length++] = separator;
        bytes.CopyTo(_buffer.AsSpan(PayloadStart + _length));
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
