using System.Text.Json;

namespace VZaps.Cli.Soak;

/// <summary>One consumer, read with the SDK as any program would: what it is given goes into its ledger.</summary>
internal sealed class SoakSubscriber : IAsyncDisposable
{
    public const string NumberField = "n";

    private readonly EventSubscription _subscription;

    private SoakSubscriber(EventSubscription subscription, ConsumerLedger ledger)
    {
        (_subscription, Ledger) = (subscription, ledger);
        Ended = subscription.WaitClosedAsync(CancellationToken.None);
    }

    public ConsumerLedger Ledger { get; }

    /// <summary>Completes when it is closed; faulted when something ended it.</summary>
    public Task Ended { get; }

    /// <summary>Subscribes; what is published afterwards reaches it.</summary>
    /// <param name="events">The way to the gateway.</param>
    /// <param name="instance">What to read.</param>
    /// <param name="consumer">Who reads.</param>
    /// <param name="pace">Waited for before each event.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SoakSubscriber> StartAsync(
        VZapsEvents events, SoakInstance instance, string consumer, Func<Task> pace, CancellationToken cancellationToken)
    {
        var subscription = await events.SubscribeAsync(
            new EventSubscribeRequest
            {
                InstanceId = instance.Ledger.InstanceId,
                InstanceToken = instance.Token,
                Consumer = consumer,
                RetryDelay = TimeSpan.FromMilliseconds(200),
            },
            cancellationToken);
        var ledger = new ConsumerLedger(consumer, instance.Ledger);
        subscription.On(EventType.All, async (received, _) =>
        {
            await pace();
            ledger.Deliver(NumberOf(received.Data), received.Id);
        });
        return new SoakSubscriber(subscription, ledger);
    }

    /// <summary>Closes it: its acks are with the gateway afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static long NumberOf(JsonElement data) =>
        data.TryGetProperty("event", out var payload) && payload.TryGetProperty(NumberField, out var number) && number.TryGetInt64(out var known) ? known : -1;
}
