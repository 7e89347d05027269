using VZaps.Benchmarks.InProcess;

namespace VZaps.Benchmarks;

/// <summary>
/// The SDK from the bytes of a socket to the bytes of an ack, with a handler that does nothing. No network: the handshake is answered
/// in this process, and so are the frames. The time is of an event.
/// </summary>
[MemoryDiagnoser]
public class ReceiveBenchmark
{
    private const int Events = 50_000;
    private const int EventsPerBatch = 100;
    private byte[] _frames = [];
    private ScriptedGateway _gateway = null!;
    private VZapsClient _client = null!;

    /// <summary>Whether the server agrees to the extension, and sends batches.</summary>
    [Params(false, true)]
    public bool Extension { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var instance = InstanceId.New();
        var writer = new FrameWriter();
        if (Extension)
            writer.Hello();
        for (var sequence = 1; sequence <= Events; sequence += EventsPerBatch)
        {
            var envelopes = Enumerable.Range(sequence, EventsPerBatch).Select(n => SampleEvents.Envelope(instance, n)).ToList();
            if (Extension)
                writer.Batch(envelopes);
            else
                envelopes.ForEach(writer.Event);
        }

        _frames = writer.ToArray();
        _gateway = new ScriptedGateway(Extension);
        _client = new VZapsClient(new VZapsClientOptions
        {
            ClientToken = "client-token", ClientSecret = "client-secret", BaseUrl = new Uri("http://in-process"), HttpHandler = _gateway,
        });
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _client.DisposeAsync();

    [Benchmark(OperationsPerInvoke = Events)]
    public async Task ReceiveHandleAckAsync()
    {
        var stream = _gateway.Script(_frames, Events);
        await using var subscription = await _client.Events.SubscribeAsync(new EventSubscribeRequest
        {
            InstanceId = "VZ0123456789ABCDEFGHIJKLMNOPQRSTUV", InstanceToken = "instance-token", Reconnect = false,
        });
        subscription.On(EventType.Message, static (_, _) => Task.CompletedTask);
        await subscription.StartAsync();
        await stream.AllAcked;
    }
}
