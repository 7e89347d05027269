using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace VZaps.Gateway.Tests.Fixtures;

/// <summary>A subscriber on a real socket, plain or of the extension.</summary>
internal sealed class TestReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket _socket = new();
    private readonly Queue<JsonElement> _events = new();

    public ClientWebSocket Socket => _socket;

    /// <summary>The hello of the extension; undefined for a plain connection.</summary>
    public JsonElement Hello { get; private set; }

    public static async Task<TestReader> ConnectAsync(GatewayFixture gateway, TestInstance instance, string more = "", bool extended = false, string? accessToken = null)
    {
        var reader = new TestReader();
        reader._socket.Options.SetRequestHeader("X-Instance-Token", instance.Token);
        reader._socket.Options.SetRequestHeader("X-Client-Token", GatewayFixture.ClientToken);
        reader._socket.Options.SetRequestHeader("User-Agent", "test-reader/1");
        if (accessToken is not null)
            reader._socket.Options.SetRequestHeader("Authorization", "Bearer " + accessToken);
        if (extended)
            reader._socket.Options.AddSubProtocol("vzaps.ext.1");
        using var patience = new CancellationTokenSource(Patience);
        await reader._socket.ConnectAsync(new Uri(gateway.App.Urls.First().Replace("http", "ws", StringComparison.Ordinal) + $"/events/ws?instance_id={instance.Id}{more}"), patience.Token);
        if (extended)
            reader.Hello = await reader.ReceiveAsync() ?? throw new InvalidOperationException("closed before the hello");
        return reader;
    }

    /// <summary>The next frame; null when the server closed.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[64 * 1024];
        var message = new MemoryStream();
        while (true)
        {
            var read = await _socket.ReceiveAsync(buffer, patience.Token);
            if (read.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
                return JsonSerializer.Deserialize<JsonElement>(message.ToArray());
        }
    }

    /// <summary>The next event, be it alone in its frame or one of a batch.</summary>
    public async Task<JsonElement> NextAsync()
    {
        while (_events.Count == 0)
        {
            var frame = await ReceiveAsync() ?? throw new InvalidOperationException($"closed: {(int?)_socket.CloseStatus}");
            foreach (var one in frame.ValueKind == JsonValueKind.Array ? [.. frame.EnumerateArray()] : new[] { frame })
                _events.Enqueue(one);
        }

        return _events.Dequeue();
    }

    /// <summary>The ids of the next events.</summary>
    public async Task<string[]> NextIdsAsync(int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
            ids[i] = (await NextAsync()).GetProperty("id").GetString()!;
        return ids;
    }

    /// <summary>The id of the next event, which is acked.</summary>
    public async Task<string> NextAckedAsync()
    {
        var id = (await NextIdsAsync(1))[0];
        await AckAsync(id);
        return id;
    }

    public Task AckAsync(string id) => SendAsync(new { type = "ack", event_id = id });

    public Task SendAsync(object frame) => SendTextAsync(JsonSerializer.Serialize(frame));

    public async Task SendTextAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
    }

    /// <summary>The code with which the server closes; what comes before it is passed over.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        return (int)_socket.CloseStatus!;
    }

    /// <summary>Closes as one that is done: what was sent before has been read when this returns.</summary>
    public async Task CloseAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        await ReceiveCloseAsync();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>An instance, its token, and its account's access token.</summary>
internal sealed record TestInstance(string Id, string Token, string AccessToken);
