using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Many subscribers of one instance, each of which gets and acks every event.</summary>
internal sealed class FanOut(int subscribers, int publishers, int events) : IWorkload
{
    // The rest is over in two seconds: with less, it would be the compiler that is measured.
    private const int WarmUpEvents = 1_000;

    public string Name => "fanout";

    public ServerNeeds Needs => new(Instances: 1, StoredEvents: 0);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        var tallies = Enumerable.Range(0, subscribers).Select(_ => new Tally(WarmUpEvents + events)).ToList();
        await using var subscriptions = new Subscriptions();
        foreach (var tally in tallies)
            subscriptions.Add(await server.SubscribeAsync(new SubscribeRequest(Instance: 0), tally));
        await using var load = await ClosedLoop.OpenAsync(server, publishers);
        await load.PublishAsync(0, WarmUpEvents);
        await Task.WhenAll(tallies.Select(tally => tally.WaitForAsync(WarmUpEvents)));

        var meter = Meter.Start(server.Process);
        await load.PublishAsync(WarmUpEvents, WarmUpEvents + events);
        await Task.WhenAll(tallies.Select(tally => tally.WaitForAsync(WarmUpEvents + events)));
        await server.AllAckedAsync();
        var usage = meter.Read();
        await Doubles.CheckAsync(tallies);
        return Figure.OfRate("deliveries", (long)events * subscribers, usage);
    }
}
