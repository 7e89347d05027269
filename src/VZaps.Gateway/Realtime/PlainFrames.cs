using System.Net.WebSockets;

namespace VZaps.Gateway.Realtime;

/// <summary>One event a message, and always the same bytes: what every client understands.</summary>
internal sealed class PlainFrames(WebSocket socket) : IEventFrames
{
    public ValueTask WriteAsync(ReadOnlyMemory<byte> envelope, int delivery, CancellationToken cancellationToken) =>
        socket.SendAsync(envelope, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Dispose()
    {
    }
}
