using System.Collections.Concurrent;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Realtime;

public sealed class SeekTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task A_consumer_that_is_moved_back_has_its_events_handled_again_by_the_subscription_that_stays()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        var handled = new ConcurrentQueue<string>();
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            BaseUrl = new Uri(gateway.Process.BaseUrl), ClientToken = gateway.Process.ClientToken, ClientSecret = gateway.Process.ClientSecret,
        });
        await using var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token, RetryDelay = TimeSpan.FromMilliseconds(100) }, TestContext.Current.CancellationToken);
        subscription.On(EventType.All, e => handled.Enqueue(e.Id));
        await subscription.StartAsync(TestContext.Current.CancellationToken);
        var ids = await gateway.Api.PublishAsync(instance, """[{"type":"Message","data":{}},{"type":"Message","data":{}}]""");
        await Wait.UntilAsync(() => handled.Count == 2, "both are handled");

        using var moved = await gateway.Api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/consumers/default/seek", """{"to":"start","force":true}""");
        moved.EnsureSuccessStatusCode();

        await Wait.UntilAsync(() => handled.Count == 4, "both are handled again");
        Assert.Equal([.. ids, .. ids], handled);
    }
}
