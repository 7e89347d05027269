using System.Net;
using VZaps.Cli.DeadLetters;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;

namespace VZaps.Cli.Soak;

/// <summary>
/// Who takes part: the instances, three consumers on each, and the clients behind them. <c>steady</c> reads as fast as it can, <c>slow</c> falls behind,
/// <c>cut</c> loses its connection again and again.
/// </summary>
internal sealed class SoakSetup : IAsyncDisposable
{
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(5);

    private readonly GatewayChild _gateway;
    private readonly VZapsClient _client;
    private readonly VZapsClient _cutClient;
    private readonly SlowPace _slow = new(SlowPause);

    public SoakSetup(GatewayChild gateway, SoakOptions options)
    {
        _gateway = gateway;
        Proxy = new CuttingProxy(new IPEndPoint(IPAddress.Loopback, gateway.Address.Port), options.CutEvery, options.Seed);
        _client = NewClient(realtimeUrl: null);
        _cutClient = NewClient(Proxy.Address);
    }

    public CuttingProxy Proxy { get; }

    public List<SoakInstance> Instances { get; } = [];

    public List<SoakSubscriber> Subscribers { get; } = [];

    public VZapsEvents Events => _client.Events;

    /// <summary>Makes the instances and subscribes to them: what is published afterwards reaches every consumer.</summary>
    public async Task BeginAsync(int instances, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= instances; i++)
        {
            var made = await _client.Instances.CreateAsync(new CreateInstanceRequest { Name = $"Soak {i}" }, cancellationToken);
            var instance = new SoakInstance(new InstanceLedger(made.Id), made.Token!);
            Instances.Add(instance);
            Subscribers.Add(await SoakSubscriber.StartAsync(_client.Events, instance, "steady", SlowPace.None, cancellationToken));
            Subscribers.Add(await SoakSubscriber.StartAsync(_client.Events, instance, "slow", _slow.WaitAsync, cancellationToken));
            Subscribers.Add(await SoakSubscriber.StartAsync(_cutClient.Events, instance, "cut", SlowPace.None, cancellationToken));
        }
    }

    /// <summary>From now on nothing is held up or cut.</summary>
    public void Calm()
    {
        _slow.Lift();
        Proxy.StopCutting();
    }

    /// <summary>Closes the subscriptions: all acks are with the gateway afterwards.</summary>
    public Task CloseSubscribersAsync() => Task.WhenAll(Subscribers.Select(subscriber => subscriber.DisposeAsync().AsTask()));

    /// <summary>How many dead letters a consumer has.</summary>
    public async Task<long> CountDeadAsync(ConsumerLedger consumer, CancellationToken cancellationToken)
    {
        var instance = Instances.Single(instance => instance.Ledger == consumer.Instance);
        var access = Access.Of(_gateway.Address, new Profile { ClientToken = _gateway.ClientToken, InstanceId = instance.Ledger.InstanceId, InstanceToken = instance.Token });
        await using var api = new InstanceApi(access);
        try
        {
            return (await new DeadLettersApi(api, consumer.Name).ReadPageAsync(null, 1, cancellationToken)).Total;
        }
        catch (VZapsApiException refused) when (refused is { StatusCode: 404, ErrorCode: "not_found" })
        {
            // A gateway that has no such route has no dead letters; an unknown consumer or instance would be a bug.
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseSubscribersAsync();
        await _client.DisposeAsync();
        await _cutClient.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    private VZapsClient NewClient(Uri? realtimeUrl) => new(new VZapsClientOptions
    {
        ClientToken = _gateway.ClientToken,
        ClientSecret = _gateway.ClientSecret,
        BaseUrl = _gateway.Address,
        RealtimeUrl = realtimeUrl,
        // A gateway that was killed in mid-request answers never: the next one is there soon.
        RequestTimeout = TimeSpan.FromSeconds(10),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        CloseTimeout = TimeSpan.FromSeconds(10),
    });
}
