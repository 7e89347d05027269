using System.Collections.Concurrent;
using System.Diagnostics;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Operations;

/// <summary>SIGTERM and the next process, as a subscription with the SDK sees it.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task A_restart_by_sigterm_ends_with_0_within_ten_seconds_and_its_clients_see_no_error_and_miss_nothing()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var (handled, errors) = (new ConcurrentQueue<string>(), new ConcurrentQueue<Exception>());
        await using var client = new VZapsClient(new VZapsClientOptions { BaseUrl = new Uri(gateway.BaseUrl), ClientToken = gateway.ClientToken, ClientSecret = gateway.ClientSecret });
        await using var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token }, TestContext.Current.CancellationToken);
        subscription.On(EventType.All, (e, _) =>
        {
            handled.Enqueue(e.Id);
            return Task.CompletedTask;
        });
        subscription.OnError(errors.Enqueue);
        await subscription.StartAsync(TestContext.Current.CancellationToken);
        var published = new List<string>();
        for (var restart = 0; restart < 3; restart++)
        {
            published.AddRange(await api.PublishAsync(instance, Events(20)));
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(0, await gateway.TerminateAsync());
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), "took longer than 10 s");
            await gateway.StartAsync();
            published.AddRange(await api.PublishAsync(instance, Events(5)));
            await Wait.UntilAsync(() => published.Count == handled.Distinct(StringComparer.Ordinal).Count(), $"all {published.Count} events are handled after restart {restart}");
        }

        Assert.Equal(published, handled.Distinct(StringComparer.Ordinal));
        Assert.Empty(errors);
    }

    private static string Events(int count) => $"[{string.Join(',', Enumerable.Repeat("""{"type":"Message","data":{}}""", count))}]";
}
