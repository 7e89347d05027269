namespace VZaps.Client.Tests.Ways;

/// <summary><c>SubscribeAsync</c>, <c>On</c>, <c>WaitClosedAsync</c>.</summary>
public sealed class HandlerWay(int maxConcurrency) : WayToConsume
{
    public override bool IsParallel => maxConcurrency > 1;

    public override async Task<RunningConsumer> BeginAsync(VZapsClient client, EventSubscribeRequest request, Func<VZapsEvent, CancellationToken, Task> handle)
    {
        var subscription = await client.Events.SubscribeAsync(request with { MaxConcurrency = maxConcurrency });
        return new Running(subscription.On(EventType.All, handle));
    }

    public override string ToString() => IsParallel ? "handlers in parallel" : "handlers";

    private sealed class Running : RunningConsumer
    {
        private readonly CancellationTokenSource _stopping = new();

        public Running(EventSubscription subscription) => Ended = subscription.WaitClosedAsync(_stopping.Token);

        public override Task Ended { get; }

        public override async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
