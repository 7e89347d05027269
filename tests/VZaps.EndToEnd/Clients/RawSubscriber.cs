using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VZaps.EndToEnd.Processes;

namespace VZaps.EndToEnd.Clients;

/// <summary>A subscriber as small as can be, in the dialect of a client in the field.</summary>
internal sealed class RawSubscriber : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket _socket = new();
    private readonly Dialect _dialect;

    private RawSubscriber(Dialect dialect) => _dialect = dialect;

    public ClientWebSocket Socket => _socket;

    public static async Task<RawSubscriber> ConnectAsync(
        GatewayProcess gateway,
        TestInstance instance,
        Dialect dialect,
        string[] events,
        string? accessToken = null,
        string more = "",
        string path = "/events/ws")
    {
        var subscriber = new RawSubscriber(dialect);
        var query = new StringBuilder($"?instance_id={instance.Id}{dialect.Events(events)}{more}");
        if (dialect.InQuery)
            query.Append($"&instance_token={instance.Token}&client_token={gateway.ClientToken}").Append(accessToken is null ? "" : $"&access_token={accessToken}");
        if (dialect.InHeaders)
        {
            subscriber._socket.Options.SetRequestHeader("X-Instance-Token", instance.Token);
            subscriber._socket.Options.SetRequestHeader("X-Client-Token", gateway.ClientToken);
            if (accessToken is not null)
                subscriber._socket.Options.SetRequestHeader("Authorization", "Bearer " + accessToken);
        }

        subscriber._socket.Options.CollectHttpResponseDetails = true;
        using var patience = new CancellationTokenSource(Patience);
        await subscriber._socket.ConnectAsync(new Uri(gateway.BaseUrl.Replace("http", "ws", StringComparison.Ordinal) + path + query), patience.Token);
        return subscriber;
    }

    /// <summary>The next frame's text; null when the server closed.</summary>
    public async Task<string?> ReceiveAsync()
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
                return Encoding.UTF8.GetString(message.ToArray());
        }
    }

    public async Task<JsonElement> ReceiveEventAsync() =>
        JsonSerializer.Deserialize<JsonElement>(await ReceiveAsync() ?? throw new InvalidOperationException($"closed: {_socket.CloseStatus}"));

    /// <summary>The ids of the next events, in their order.</summary>
    public async Task<string[]> ReceiveIdsAsync(int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
            ids[i] = (await ReceiveEventAsync()).GetProperty("id").GetString()!;
        return ids;
    }

    /// <summary>The close code with which the server ends the connection; what it sends before is passed over.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        return (int)_socket.CloseStatus!;
    }

    public Task AckAsync(string id) => SendAsync(_dialect.Ack(id));

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.SendAsync(bytes, type, endOfMessage: true, patience.Token);
    }

    /// <summary>Closes as a client does that is done: what it sent before has been read when this returns.</summary>
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
