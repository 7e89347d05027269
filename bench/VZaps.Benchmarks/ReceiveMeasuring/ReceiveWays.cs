using VZaps.Benchmarks.InProcess;

namespace VZaps.Benchmarks.ReceiveMeasuring;

/// <summary>The ways in which a program can receive events, each from the bytes of a socket to the bytes of the acks, in this process.</summary>
internal sealed class ReceiveWays(bool extension) : IAsyncDisposable
{
    private static readonly EventSubscribeRequest Request = new()
    {
        InstanceId = ReceiveFrames.Instance.ToString(), InstanceToken = "instance-token", Reconnect = false,
    };

    private readonly ScriptedGateway _gateway = new(extension);
    private VZapsClient? _client;

    /// <summary>Those that are measured, by name; each is given the frames and how many events they are.</summary>
    public IReadOnlyList<(string Name, Func<byte[], int, Task> RunAsync)> All =>
    [
        ("handlers", (frames, events) => HandleAsync(frames, events, Request, subscription => subscription.On(EventType.Message, static (_, _) => Task.CompletedTask))),
        ("handlers that take the context", (frames, events) => HandleAsync(frames, events, Request, subscription => subscription.OnEvent(EventType.Message, static _ => Task.CompletedTask))),
        ("handlers, `MaxConcurrency` 8", (frames, events) => HandleAsync(
            frames, events, Request with { MaxConcurrency = 8 }, subscription => subscription.On(EventType.Message, static (_, _) => Task.CompletedTask))),
        ("pull", PullAsync),
    ];

    private VZapsClient Client => _client ??= new VZapsClient(new VZapsClientOptions
    {
        ClientToken = "client-token", ClientSecret = "client-secret", BaseUrl = new Uri("http://in-process"), HttpHandler = _gateway,
    });

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _gateway.Dispose();
    }

    private async Task HandleAsync(byte[] frames, int events, EventSubscribeRequest request, Action<EventSubscription> register)
    {
        var stream = _gateway.Script(frames, events);
        await using var subscription = await Client.Events.SubscribeAsync(request);
        register(subscription);
        await subscription.StartAsync();
        await stream.AllAcked;
    }

    private async Task PullAsync(byte[] frames, int events)
    {
        var stream = _gateway.Script(frames, events);
        var left = events;
        await foreach (var delivery in Client.Events.StreamAsync(Request))
        {
            await delivery.AckAsync();
            if (--left == 0)
                break;
        }

        await stream.AllAcked;
    }
}
