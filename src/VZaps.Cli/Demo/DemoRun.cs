using VZaps.Cli.Demo.Phone;
using VZaps.Cli.Demo.Screen;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Demo;

/// <summary>
/// One run: gateway, instance, subscriber, phone; then the same way back, so that every event is accounted for. The phone stops
/// first, what it published arrives, the subscriber acks and closes, and only then the gateway goes.
/// </summary>
internal sealed class DemoRun(DemoOptions options, EventPrinter events, DemoText text, TextWriter errors, TimeProvider time)
{
    private const string ConsumerName = "demo";

    /// <summary>How long what was published may take to arrive before it counts as lost.</summary>
    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromSeconds(5);

    private readonly EventTally _tally = new();

    /// <summary>Runs until the count is reached or it is stopped.</summary>
    /// <exception cref="VZapsException">The gateway refused something or went away.</exception>
    /// <exception cref="IOException">The port is in use, or the store cannot be written.</exception>
    public async Task<DemoSummary> RunAsync(CancellationToken stopping)
    {
        using var folder = new TemporaryFolder("vzaps-demo-");
        await using var gateway = await DemoGateway.StartAsync(folder.Path, options.Port, stopping);
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            ClientToken = gateway.ClientToken,
            ClientSecret = gateway.ClientSecret,
            BaseUrl = gateway.Address,
            Consumer = ConsumerName,
            TimeProvider = time,
        });
        var instance = await client.Instances.CreateAsync(new CreateInstanceRequest { Name = "Demo phone" }, stopping);
        var address = new DemoAddress(gateway.Address, gateway.ClientToken, gateway.ClientSecret, instance.Id, instance.Token!);
        text.Introduce(address, folder.Path);

        using var redeliveries = new RedeliveryMeter(_tally.Redelivered);
        await using var subscription = await SubscribeAsync(client, address, stopping);
        await TalkAsync(client, address, subscription, stopping);
        // The close handshake comes after the last ack on the same socket: from here on the gateway's account is complete.
        await subscription.CloseAsync(CancellationToken.None);
        return _tally.Summarize(gateway.CountOwed(address.InstanceId, ConsumerName, _tally.Newest));
    }

    private async Task<EventSubscription> SubscribeAsync(VZapsClient client, DemoAddress address, CancellationToken stopping)
    {
        var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = address.InstanceId, InstanceToken = address.InstanceToken, FailFast = true }, stopping);
        subscription.OnOpen(text.Open);
        subscription.OnError(error => errors.WriteLine(error.Message));
        subscription.On(EventType.All, received =>
        {
            events.Print(received.Id, received.Type, received.CreatedAt, received.Data);
            _tally.Received(received.Id);
        });
        return subscription;
    }

    private async Task TalkAsync(VZapsClient client, DemoAddress address, EventSubscription subscription, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var subscribed = subscription.WaitClosedAsync(CancellationToken.None);
        var talking = TalkAsync(client, address, ending.Token);
        var counted = _tally.WaitUntilAsync(tally => tally.ReceivedCount >= (options.Count ?? long.MaxValue), ending.Token);
        // Whatever comes first: the subscription failed, the phone has said everything (or failed), the count is reached.
        var first = await Task.WhenAny(subscribed, talking, counted);
        if (first == talking && !stopping.IsCancellationRequested && talking.IsCompletedSuccessfully)
            first = await Task.WhenAny(subscribed, counted, Task.Delay(ArrivalLimit, time, ending.Token));
        await ending.CancelAsync();
        await talking;
        await IgnoreCancellationAsync(counted);
        if (first == subscribed)
            await subscribed;
        await WaitForArrivalsAsync();
    }

    private Task TalkAsync(VZapsClient client, DemoAddress address, CancellationToken stopping)
    {
        var conversation = new Conversation(new Random(), time).Events();
        if (options.Count is { } count)
            conversation = conversation.Take((int)Math.Min(count, int.MaxValue));
        var pause = options.Rate is { } rate ? TimeSpan.FromSeconds(1 / rate) : (TimeSpan?)null;
        return new SimulatedPhone(client.Events, address, _tally, time).RunAsync(conversation, pause, stopping);
    }

    private async Task WaitForArrivalsAsync()
    {
        using var limit = new CancellationTokenSource(ArrivalLimit, time);
        await IgnoreCancellationAsync(_tally.WaitUntilAsync(tally => tally.OutstandingCount == 0, limit.Token));
    }

    private static async Task IgnoreCancellationAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop waiting.
        }
    }
}
