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

    /// <summary>The frames of a type.</summary>
    public IEnumerable<string> FramesOf(string type) => Frames.Where(frame => frame.StartsWith($$"""{"type":"{{type}}",""", StringComparison.Ordinal));

    /// <summary>Whether both ends agreed to the extension.</summary>
    public bool IsExtended => socket.SubProtocol == ExtensionProtocol.Name;

    /// <summary>The code of the client's close frame; null while there was none.</summary>
    public WebSocketCloseStatus? ClientClose { get; private set; }

    /// <summary>Whether the client's close frame is answered.</summary>
    public bool AnswersClose { get; set; } = true;

    public Task Ended => _ended.Task;

    public Task SendEventAsync(int number, string type = "Message", string data = "{\"type\":\"Message\"}") => SendAsync(Envelopes.Json(number, type, data));

    public Task SendHelloAsync(string gap = "null", int connections = 1, int ackTimeoutMs = 30_000, string consumer = "default", string resumedAfter = "null", int window = 1_024) => SendAsync(
        $$"""{"type":"hello","connection_id":"c-1","consumer":"{{consumer}}","consumer_connections":{{connections}},"resumed_after":{{resumedAfter}},"lag":12,"window":{{window}},"ack_timeout_ms":{{ackTimeoutMs}},"gap":{{gap}}}""");

    public Task SendBatchAsync(params IEnumerable<int> numbers) => SendAsync($"[{string.Join(',', numbers.Select(number => Envelopes.Json(number)))}]");

    public Task SendGoAwayAsync(int reconnectAfterMs = 0) => SendAsync($$"""{"type":"goaway","reconnect_after_ms":{{reconnectAfterMs}}}""");

    public Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    public Task SendBinaryAsync(byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None);

    public Task CloseAsync(int code, string reason = "") => socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);

    /// <summary>Ends the TCP connection without a word.</summary>
    public void Cut() => context.Abort();

    public async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[ExtensionProtocol.MaxClientMessageBytes];
        var length = 0;
        try
        {
            while (true)
            {
                // A message that is longer than a server takes ends the read here, with no room left.
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                length += part.Count;
                if (!part.EndOfMessage)
                    continue;
                Take(Encoding.UTF8.GetString(buffer, 0, length));
                length = 0;
            }

            ClientClose = socket.CloseStatus;
            if (!AnswersClose)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            if (socket.State == WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            // Cut by the test or by the client.
        }

        _ended.TrySetResult();
    }

    private void TakeAck(JsonElement ack)
    {
        if (ack.TryGetProperty("event_id", out var id))
        {
            Acks.Enqueue(id.GetString()!);
            return;
        }

        foreach (var one in ack.GetProperty("event_ids").EnumerateArray())
            Acks.Enqueue(one.GetString()!);
    }

    private void Take(string frame)
    {
        Frames.Enqueue(frame);
        using var json = JsonDocument.Parse(frame);
        if (json.RootElement.GetProperty("type").GetString() == "ack")
            TakeAck(json.RootElement);
    }
}
