using System.Collections.Concurrent;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Kills;

public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 5;
    private const int PublisherCount = 16;
    private const int AcceptedBetweenKills = 400;

    [Fact]
    public async Task Kills_under_load_lose_nothing_that_was_answered()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var delivered = new ConcurrentDictionary<string, int>();
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            BaseUrl = new Uri(gateway.BaseUrl), ClientToken = gateway.ClientToken, ClientSecret = gateway.ClientSecret,
        });
        await using var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token, RetryDelay = TimeSpan.FromMilliseconds(100) },
            TestContext.Current.CancellationToken);
        subscription.On(EventType.All, message => delivered.AddOrUpdate(message.Id, 1, (_, times) => times + 1));
        await subscription.StartAsync(TestContext.Current.CancellationToken);

        using var stop = new CancellationTokenSource();
        var publishers = new Publishers(() => new GatewayApi(gateway), instance, PublisherCount);
        var publishing = publishers.RunAsync(stop.Token);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var goal = publishers.Accepted.Count + AcceptedBetweenKills;
            await Wait.UntilAsync(() => publishers.Accepted.Count >= goal || publishing.IsFaulted, $"{goal} events are accepted");
            await gateway.KillAsync();
            await gateway.StartAsync();
        }

        var last = publishers.Accepted.Count + AcceptedBetweenKills;
        await Wait.UntilAsync(() => publishers.Accepted.Count >= last || publishing.IsFaulted, $"{last} events are accepted");
        await stop.CancelAsync();
        await publishing;
        var accepted = publishers.Accepted;
        await Wait.UntilAsync(() => accepted.Keys.All(delivered.ContainsKey), "every accepted event is delivered");

        var history = await api.ReadHistoryAsync(instance);
        var ids = history.ConvertAll(envelope => envelope.GetProperty("id").GetString()!);
        output.WriteLine($"{Kills} kills, {accepted.Count} accepted, {publishers.LostAnswers} answers lost, {ids.Count} in the history, "
            + $"{delivered.Count} delivered, {delivered.Values.Sum() - delivered.Count} duplicates");
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Subset(ids.ToHashSet(), accepted.Keys.ToHashSet());
        Assert.Subset(ids.ToHashSet(), delivered.Keys.ToHashSet());

        // What was sent again with its key after a lost answer is there once; an id belongs to the event it was answered for.
        var numbers = history.ToDictionary(envelope => envelope.GetProperty("id").GetString()!, envelope => envelope.GetProperty("data").GetProperty("number").GetString()!);
        Assert.All(accepted, pair => Assert.Equal(pair.Value, numbers[pair.Key]));
        Assert.Equal(numbers.Count, numbers.Values.Distinct().Count());
        Assert.True(publishers.LostAnswers > 0, "no kill met a request: the test shows nothing");
    }
}
