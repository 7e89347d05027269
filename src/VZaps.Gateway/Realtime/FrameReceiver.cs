using System.Buffers;
using System.Net.WebSockets;

namespace VZaps.Gateway.Realtime;

/// <summary>The receiving loop of one connection: acks in, and an end to those who send what is no frame of the protocol.</summary>
internal sealed class FrameReceiver(WebSocket socket, FrameHandler handler, CloseRequest close)
{
    /// <summary>Longest message from a client, in bytes.</summary>
    public const int MaxMessageBytes = 65_536;

    private const int FirstRent = 4_096;

    /// <summary>Receives until the client closes. One that breaks the protocol is asked to, and not listened to any more.</summary>
    /// <exception cref="WebSocketException">The peer is gone, or the socket was aborted: nothing else ends a wait, so
    /// that a peer that was sent a close frame has time to answer it.</exception>
    public async Task RunAsync()
    {
        while (true)
        {
            // Waits without a buffer, so that an idle connection holds none.
            var first = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (!CanGoOn(first.MessageType) || !(first.EndOfMessage ? Handle([]) : await ReceiveMessageAsync()))
                break;
        }

        await DiscardAsync();
    }

    /// <summary>Reads on to the client's close frame: with unread bytes the connection would end in a reset, which takes
    /// our own close frame away from the client before it is read.</summary>
    private async Task DiscardAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRent);
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
                await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<bool> ReceiveMessageAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRent);
        try
        {
            var length = 0;
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (!CanGoOn(read.MessageType))
                    return false;
                length += read.Count;
                if (length > MaxMessageBytes)
                {
                    close.Ask(CloseCode.MessageTooBig, "a message has at most 65536 bytes");
                    return false;
                }

                if (read.EndOfMessage)
                    return Handle(buffer.AsSpan(0, length));
                if (length == buffer.Length)
                    Grow(ref buffer, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool CanGoOn(WebSocketMessageType type)
    {
        if (type == WebSocketMessageType.Text)
            return true;
        if (type == WebSocketMessageType.Close)
            close.Ask(CloseCode.Normal, "closed by the client");
        else
            close.Ask(CloseCode.UnsupportedData, "send text, not binary");
        return false;
    }

    private bool Handle(ReadOnlySpan<byte> message)
    {
        if (handler.Handle(message))
            return true;
        close.Ask(CloseCode.ProtocolAbuse, "too many messages that are not JSON objects");
        return false;
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
