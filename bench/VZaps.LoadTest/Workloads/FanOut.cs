using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Many subscribers of one instance, each of which gets and acks every event.</summary>
internal sealed class FanOut(int subscribers, int publishers, int events) : IWorkload
{
    public string Name => "fanout";

    public ServerNeeds Needs => new(Instances: 1, StoredEvents: 0);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        var tallies = Enumerable.Range(0, subscribers).Select(_ => new Tally(events * 2)).ToList();
        await using var subscriptions = new Subscriptions();
        foreach (var tally in tallies)
            subscriptions.Add(await server.SubscribeAsync(new SubscribeRequest(Instance: 0), tally));
        await using var load = await ClosedLoop.OpenAsync(server, publishers);
        await load.PublishAsync(0, events);
        await Task.WhenAll(tallies.Select(tally => tally.WaitForAsync(events)));

        var meter = Meter.Start(server.Process);
        await load.PublishAsync(events, events * 2);
        await Task.WhenAll(tallies.Select(tally => tally.WaitForAsync(events * 2)));
        await server.AllAckedAsync();
        var usage = meter.Read();
        await Doubles.CheckAsync(tallies);
        return Figure.OfRate("deliveries", (long)events * subscribers, usage);
    }
}
