using System.Net.WebSockets;
using System.Text.Json;

namespace VZaps.Gateway.Tests.Fixtures;

/// <summary>A plain realtime client of a gateway in this process.</summary>
internal sealed class Subscriber : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ClientWebSocket _socket = new();

    public static async Task<Subscriber> ConnectAsync(GatewayFixture gateway, string instanceId, string instanceToken)
    {
        var subscriber = new Subscriber();
        subscriber._socket.Options.SetRequestHeader("X-Instance-Token", instanceToken);
        subscriber._socket.Options.SetRequestHeader("X-Client-Token", GatewayFixture.ClientToken);
        using var patience = new CancellationTokenSource(Patience);
        var address = new UriBuilder(gateway.Client.BaseAddress!) { Scheme = "ws", Path = "/events/ws", Query = $"instance_id={instanceId}" };
        await subscriber._socket.ConnectAsync(address.Uri, patience.Token);
        return subscriber;
    }

    /// <summary>The id of the next event, which is acked.</summary>
    public async Task<string> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[64 * 1024];
        var frame = await _socket.ReceiveAsync(buffer, patience.Token);
        var id = JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, frame.Count)).GetProperty("id").GetString()!;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { type = "ack", event_id = id }), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        return id;
    }

    public void Dispose() => _socket.Dispose();
}
