using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;

namespace VZaps.Client.Tests;

/// <summary>A socket whose sends wait until the test lets them go, one by one.</summary>
internal sealed class HeldSocket(bool isHeld) : WebSocket
{
    private readonly SemaphoreSlim _permits = new(0);

    public ConcurrentQueue<string> Begun { get; } = new();

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    /// <summary>Lets so many sends end.</summary>
    public void LetGo(int sends) => _permits.Release(sends);

    public override async Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        Begun.Enqueue(Encoding.UTF8.GetString(buffer));
        if (isHeld)
            await _permits.WaitAsync(cancellationToken);
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Abort()
    {
    }

    public override void Dispose() => _permits.Dispose();
}
