using System.Buffers;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// The receiving loop of one connection: acks in, and an end to those who send what is no frame of the protocol. What came
/// in one read is worked off without another.
/// </summary>
internal sealed class FrameReceiver(Stream stream, FrameHandler handler, ControlFrames control, CloseRequest close)
{
    private const int FirstRent = 4_096;
    private readonly FrameParser _parser = new(ExtensionProtocol.MaxClientMessageBytes);
    private byte[] _buffer = [];
    private int _length;

    /// <summary>Receives until the client has closed. One that breaks the protocol is asked to, and not listened to any more.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PeerGoneException">The peer is gone.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // Waits without a buffer, so that an idle connection holds none.
                if (_length == 0)
                    _ = await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
                Grow();
                var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
                if (read == 0)
                    throw new PeerGoneException("The connection was closed without a close frame.");
                _length += read;
                var isOpen = TakeAll();
                handler.EndOfRead();
                if (!isOpen)
                    return;
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw new PeerGoneException("The connection could not be read.", gone);
        }
        finally
        {
            Return();
        }
    }

    /// <returns>False when there is nothing more to receive.</returns>
    private bool TakeAll()
    {
        var done = 0;
        while (true)
        {
            var kind = _parser.Next(_buffer.AsSpan(done, _length - done), out var consumed, out var payload);
            done += consumed;
            if (kind == ReceivedKind.Close)
            {
                close.Ask(CloseCode.Normal, "closed by the client");
                return false;
            }

            if (kind == ReceivedKind.Violation)
            {
                // Where the next frame begins cannot be known any more.
                close.Ask(CloseCode.ProtocolError, "not a WebSocket frame");
                return false;
            }

            if (kind == ReceivedKind.NeedMore)
                break;
            Take(kind, payload);
        }

        _buffer.AsSpan(done, _length - done).CopyTo(_buffer);
        _length -= done;
        if (_length == 0)
            Return();
        return true;
    }

    private void Take(ReceivedKind kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case ReceivedKind.Ping:
                control.Pong(payload);
                break;
            case ReceivedKind.Pong:
                control.Ponged();
                break;
            case ReceivedKind.Text when !handler.Handle(payload):
                Refuse(CloseCode.ProtocolAbuse, "too many messages that are not JSON objects");
                break;
            case ReceivedKind.Binary:
                Refuse(CloseCode.UnsupportedData, "send text, not binary");
                break;
            case ReceivedKind.TooBig:
                Refuse(CloseCode.MessageTooBig, "a message has at most 65536 bytes");
                break;
        }
    }

    private void Refuse(CloseCode code, string text)
    {
        close.Ask(code, text);
        // Read on to the client's close frame: with unread bytes the connection would end in a reset, which takes our own
        // close frame away from the client before it is read.
        _parser.IsDeaf = true;
    }

    private void Grow()
    {
        var wanted = Math.Max(FirstRent, _parser.Needed);
        if (_buffer.Length >= wanted && _length < _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, _length * 2));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        var length = _length;
        Return();
        (_buffer, _length) = (larger, length);
    }

    private void Return()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }
}
