using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests;

/// <summary>The server's end of one connection.</summary>
internal sealed class ServerConnection(HttpContext context, WebSocket socket, HandshakeSeen handshake)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HandshakeSeen Handshake => handshake;

    /// <summary>The ids of the acks, in the order of receipt.</summary>
    public ConcurrentQueue<string> Acks { get; } = new();

    public ConcurrentQueue<string> Frames { get; } = new();

    /// <summary>The code of the client's close frame; null while there was none.</summary>
    public WebSocketCloseStatus? ClientClose { get; private set; }

    public Task Ended => _ended.Task;

    public Task SendEventAsync(int number, string type = "Message", string data = "{\"type\":\"Message\"}") => SendAsync(Envelopes.Json(number, type, data));

    public Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    public Task SendBinaryAsync(byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None);

    public Task CloseAsync(int code, string reason = "") => socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);

    /// <summary>Ends the TCP connection without a word.</summary>
    public void Cut() => context.Abort();

    public async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer, cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                Take(Encoding.UTF8.GetString(buffer, 0, part.Count));
            }

            ClientClose = socket.CloseStatus;
            if (socket.State == WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            // Cut by the test or by the client.
        }

        _ended.TrySetResult();
    }

    private void Take(string frame)
    {
        Frames.Enqueue(frame);
        using var json = JsonDocument.Parse(frame);
        if (json.RootElement.GetProperty("type").GetString() == "ack")
            Acks.Enqueue(json.RootElement.GetProperty("event_id").GetString()!);
    }
}
