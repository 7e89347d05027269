using System.Net.WebSockets;

namespace VZaps.Gateway.Realtime;

/// <summary>One event a message, through the WebSocket: where its stream is not ours to write to (over HTTP/2).</summary>
internal sealed class SocketFrames(WebSocket socket) : IEventFrames
{
    public ValueTask WriteAsync(ReadOnlyMemory<byte> envelope, int delivery, CancellationToken cancellationToken) =>
        socket.SendAsync(envelope, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Dispose()
    {
    }
}
