using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Kills;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Faults;

/// <summary>A subscription of the SDK over a faulty line, publishers that go straight to the gateway, and an account of both.</summary>
internal sealed class FaultScenario : IAsyncDisposable
{
    private readonly GatewayApi _api;
    private readonly TestInstance _instance;
    private readonly VZapsClient _client;
    private readonly EventSubscription _subscription;
    private readonly Publishers _publishers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _publishing;

    private FaultScenario(
        GatewayProcess gateway, GatewayApi api, TestInstance instance, FaultProxy proxy, VZapsClient client, EventSubscription subscription, int publishers)
    {
        (_api, _instance, Proxy, _client, _subscription) = (api, instance, proxy, client, subscription);
        _publishers = new Publishers(() => new GatewayApi(gateway), instance, publishers);
        subscription.On(EventType.All, received => Handled.Add(received.Id));
        _publishing = Task.CompletedTask;
        _publishing = _publishers.RunAsync(_stop.Token);
    }

    public FaultProxy Proxy { get; }

    public HandledEvents Handled { get; } = new();

    public static async Task<FaultScenario> StartAsync(GatewayProcess gateway, int publishers = 2)
    {
        var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var proxy = new FaultProxy(gateway.BaseUrl);
        var client = new VZapsClient(new VZapsClientOptions
        {
            BaseUrl = new Uri(gateway.BaseUrl),
            RealtimeUrl = new Uri($"ws://{proxy.Address}"),
            ClientToken = gateway.ClientToken,
            ClientSecret = gateway.ClientSecret,
            KeepAliveInterval = TimeSpan.FromSeconds(1),
            KeepAliveTimeout = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(2),
            CloseTimeout = TimeSpan.FromSeconds(5),
        });
        var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token, RetryDelay = TimeSpan.FromMilliseconds(20) },
            TestContext.Current.CancellationToken);
        var scenario = new FaultScenario(gateway, api, instance, proxy, client, subscription, publishers);
        await subscription.StartAsync(TestContext.Current.CancellationToken);
        return scenario;
    }

    /// <summary>Waits until so many more events were handled.</summary>
    public Task HandlesMoreAsync(int events = 50)
    {
        var goal = Handled.Count + events;
        return UntilAsync(() => Handled.Count >= goal, $"{events} more events are handled");
    }

    /// <summary>Waits until so many more events were accepted.</summary>
    public Task AcceptsMoreAsync(int events = 50)
    {
        var goal = _publishers.Accepted.Count + events;
        return UntilAsync(() => _publishers.Accepted.Count >= goal, $"{events} more events are accepted");
    }

    /// <summary>Waits until the client connected so many times more.</summary>
    public Task ConnectsAgainAsync(int times = 1)
    {
        var goal = Proxy.Accepted + times;
        return UntilAsync(() => Proxy.Accepted >= goal, $"{times} more connections are made");
    }

    public Task UntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(
        () => _publishing.IsFaulted ? throw new InvalidOperationException("A publisher failed.", _publishing.Exception) : condition(), what, seconds: 120);

    /// <summary>Stops publishing and compares what was accepted, what is in the history and what was handled.</summary>
    /// <returns>How often an answer to a publisher was lost.</returns>
    public async Task<int> SettleAsync()
    {
        await _stop.CancelAsync();
        await _publishing;
        var accepted = _publishers.Accepted;
        await Wait.UntilAsync(() => accepted.Keys.All(Handled.Contains), "every accepted event is handled", seconds: 120);

        var history = await _api.ReadHistoryAsync(_instance);
        var ids = history.ConvertAll(envelope => envelope.GetProperty("id").GetString()!);
        var numbers = history.ConvertAll(envelope => envelope.GetProperty("data").GetProperty("number").GetString()!);
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        var numberOf = ids.Zip(numbers).ToDictionary(pair => pair.First, pair => pair.Second);
        Assert.All(accepted, pair => Assert.Equal(pair.Value, numberOf[pair.Key]));

        var firsts = Handled.Firsts;
        Assert.Subset(ids.ToHashSet(), firsts.ToHashSet());
        Assert.Equal(firsts.Order(StringComparer.Ordinal), firsts);
        return _publishers.LostAnswers;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _subscription.DisposeAsync();
        await _client.DisposeAsync();
        await Proxy.DisposeAsync();
        _api.Dispose();
        _stop.Dispose();
    }
}
