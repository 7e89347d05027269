using System.Collections.Concurrent;
using System.Net.WebSockets;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// What a client of the extension is told beside events: queued from anywhere, written by the sending loop. A plain
/// client is told nothing. Thread-safe.
/// </summary>
internal sealed class ControlFrames(WebSocket socket, bool isExtended, WakeSignal wake)
{
    private readonly ConcurrentQueue<byte[]> _waiting = new(); // hello, a goaway, and a gap now and then

    /// <summary>Queues a frame, if the client understands it.</summary>
    public void Say(Func<byte[]> frame)
    {
        if (!isExtended)
            return;
        _waiting.Enqueue(frame());
        wake.Set();
    }

    /// <summary>Writes what is queued.</summary>
    public async ValueTask SendWaitingAsync(CancellationToken cancellationToken)
    {
        while (_waiting.TryDequeue(out var frame))
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }
}
