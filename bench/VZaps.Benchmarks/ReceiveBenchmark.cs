using VZaps.Benchmarks.InProcess;

namespace VZaps.Benchmarks;

/// <summary>
/// The SDK from the bytes of a socket to the bytes of an ack, with a handler that does nothing. No network: the handshake is answered
/// in this process, and so are the frames. The time is of an event.
/// </summary>
[MemoryDiagnoser]
public class ReceiveBenchmark
{
    private byte[] _frames = [];
    private ScriptedGateway _gateway = null!;
    private VZapsClient _client = null!;

    /// <summary>Whether the server agrees to the extension, and sends batches.</summary>
    [Params(false, true)]
    public bool Extension { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _frames = ReceiveFrames.Make(batches: Extension);
        _gateway = new ScriptedGateway(Extension);
        _client = new VZapsClient(new VZapsClientOptions
        {
            ClientToken = "client-token", ClientSecret = "client-secret", BaseUrl = new Uri("http://in-process"), HttpHandler = _gateway,
        });
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _client.DisposeAsync();

    /// <summary>Handlers, as they come.</summary>
    [Benchmark(OperationsPerInvoke = ReceiveFrames.Events, Baseline = true)]
    public Task ReceiveHandleAckAsync() => HandleAsync(Request);

    /// <summary>Handlers of eight events at a time, whose chats are looked up; all events are of one chat.</summary>
    [Benchmark(OperationsPerInvoke = ReceiveFrames.Events)]
    public Task InPartitionsAsync() => HandleAsync(Request with { MaxConcurrency = 8 });

    /// <summary>With the memory of processed events.</summary>
    [Benchmark(OperationsPerInvoke = ReceiveFrames.Events)]
    public Task WithProcessedEventsAsync() => HandleAsync(Request with { ProcessedEvents = new InMemoryProcessedEventStore() });

    /// <summary>A loop that pulls and acks.</summary>
    [Benchmark(OperationsPerInvoke = ReceiveFrames.Events)]
    public async Task PullAckAsync()
    {
        var stream = _gateway.Script(_frames, ReceiveFrames.Events);
        var left = ReceiveFrames.Events;
        await foreach (var delivery in _client.Events.StreamAsync(Request))
        {
            await delivery.AckAsync();
            if (--left == 0)
                break;
        }

        await stream.AllAcked;
    }

    private static EventSubscribeRequest Request { get; } = new()
    {
        InstanceId = ReceiveFrames.Instance.ToString(), InstanceToken = "instance-token", Reconnect = false,
    };

    private async Task HandleAsync(EventSubscribeRequest request)
    {
        var stream = _gateway.Script(_frames, ReceiveFrames.Events);
        await using var subscription = await _client.Events.SubscribeAsync(request);
        subscription.On(EventType.Message, static (_, _) => Task.CompletedTask);
        await subscription.StartAsync();
        await stream.AllAcked;
    }
}
