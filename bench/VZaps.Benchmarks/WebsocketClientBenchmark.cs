using System.Net.WebSockets;
using System.Text.Json;
using VZaps.Benchmarks.InProcess;
using Websocket.Client;

namespace VZaps.Benchmarks;

/// <summary>
/// The same bytes as <see cref="ReceiveBenchmark"/> has through the package <c>Websocket.Client</c> and <see cref="JsonSerializer"/> by reflection: what one writes without an
/// SDK. It parses, calls and acks; it knows no redeliveries, no cursor, no bound.
/// </summary>
[MemoryDiagnoser]
public class WebsocketClientBenchmark
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private byte[] _frames = [];

    [GlobalSetup]
    public void Setup() => _frames = ReceiveFrames.Make(batches: false);

    [Benchmark(OperationsPerInvoke = ReceiveFrames.Events)]
    public async Task<long> ReceiveHandleAckAsync()
    {
        var stream = new ScriptedStream(_frames, ReceiveFrames.Events);
        var handled = 0L;
        using var client = new WebsocketClient(new Uri("ws://in-process"), logger: null, (_, _) =>
            Task.FromResult(WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan })));
        client.ReconnectTimeout = null;
        client.IsReconnectionEnabled = false;
        using var subscribed = client.MessageReceived.Subscribe(message =>
        {
            var read = JsonSerializer.Deserialize<Received>(message.Text!, Snake)!;
            handled += read.Id.Length;
            client.Send(JsonSerializer.Serialize(new { type = "ack", event_id = read.Id }));
        });
        await client.Start();
        await stream.AllAcked;
        return handled;
    }

    private sealed record Received(string Id, string Type, string InstanceId, DateTimeOffset CreatedAt, JsonElement Data);
}
