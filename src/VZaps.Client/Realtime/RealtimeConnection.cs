using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using VZaps.Client.Http;

namespace VZaps.Client.Realtime;

/// <summary>One open WebSocket: whole messages in, text out, and an end that is bounded in time.</summary>
/// <param name="socket">The open socket; the connection owns it.</param>
/// <param name="maxMessageBytes">What is longer is read and thrown away.</param>
/// <param name="secrets">What it was opened with; taken out of the server's close reason.</param>
/// <remarks>One reader at a time; any number of senders.</remarks>
internal sealed class RealtimeConnection(WebSocket socket, int maxMessageBytes, params string[] secrets) : IDisposable
{
    private const int FirstBufferBytes = 16 * 1024;

    /// <summary>A buffer that one large message has blown up is not kept for the small ones after it.</summary>
    private const int KeptBufferBytes = 256 * 1024;

    private readonly SemaphoreSlim _sending = new(1, 1);
    private byte[] _buffer = new byte[FirstBufferBytes];

    /// <summary>Whether both ends agreed to the extension.</summary>
    public bool IsExtended { get; init; }

    /// <summary>When it was opened, by the server's clock and to the second; null where the server gave no time.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>The line under the WebSocket, where frames may be written that were made beside it; null where there is none at hand.</summary>
    public FrameLine? Line { get; init; }

    /// <summary>The code of the server's close frame; null where there was none.</summary>
    public int? CloseCode => (int?)socket.CloseStatus;

    /// <summary>The reason in the server's close frame; may be empty.</summary>
    public string CloseReason => SecretMask.Apply(socket.CloseStatusDescription ?? "", secrets);

    /// <summary>The next whole message.</summary>
    /// <exception cref="WebSocketException">The connection is gone.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReceivedMessage> ReceiveAsync()
    {
        var length = 0;
        var tooLarge = false;
        while (true)
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, maxMessageBytes + 1L));
            // No token: cancelling a read would break the connection. What ends it is a close, an abort or the keep-alive.
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                return new ReceivedMessage(MessageKind.Close, default);
            length += part.Count;
            if (length > maxMessageBytes)
                (tooLarge, length) = (true, 0);
            if (part.EndOfMessage)
                return Finish(part.MessageType, tooLarge, length);
        }
    }

    /// <summary>Sends one text message.</summary>
    /// <exception cref="WebSocketException">The connection is gone.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> text)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            await socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends frames that are ready, as one write. Only where there is a <see cref="Line"/>.</summary>
    /// <exception cref="WebSocketException">The connection is gone, or our close frame was sent.</exception>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async Task SendFramesAsync(ReadOnlyMemory<byte> frames)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
                throw new WebSocketException(WebSocketError.InvalidState, $"The connection is {socket.State}.");
            await Line!.WriteAsync(frames, CancellationToken.None).ConfigureAwait(false);
            await Line.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends our close frame, as a first word or as the answer to the server's; the reader sees the server's.</summary>
    public async Task SendCloseAsync(CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the connection without a word; a reader or sender that waits gets its exception.</summary>
    public void Abort() => socket.Abort();

    // The semaphore is left alone: a sender may still hold it, and it owns nothing unless its wait handle is asked for.
    public void Dispose() => socket.Dispose();

    private ReceivedMessage Finish(WebSocketMessageType type, bool tooLarge, int length)
    {
        if (tooLarge)
            return new ReceivedMessage(MessageKind.TooLarge, default);
        if (type == WebSocketMessageType.Binary)
            return new ReceivedMessage(MessageKind.Binary, default);
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        _buffer.AsSpan(0, length).CopyTo(bytes);
        if (_buffer.Length > KeptBufferBytes)
            _buffer = new byte[FirstBufferBytes];
        return new ReceivedMessage(MessageKind.Text, bytes);
    }
}
