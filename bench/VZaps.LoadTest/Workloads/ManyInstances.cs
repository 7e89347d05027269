using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Many instances with one subscriber each, and events spread over them.</summary>
internal sealed class ManyInstances(int instances, int publishers, int events) : IWorkload
{
    public string Name => "many";

    public ServerNeeds Needs => new(instances, StoredEvents: 0);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        var tallies = Enumerable.Range(0, instances).Select(_ => new Tally(events * 2)).ToList();
        await using var subscriptions = new Subscriptions();
        for (var instance = 0; instance < instances; instance++)
            subscriptions.Add(await server.SubscribeAsync(new SubscribeRequest(instance), tallies[instance]));
        await using var load = await ClosedLoop.OpenAsync(server, publishers);
        await RunAsync(load, tallies, 0, events);

        var meter = Meter.Start(server.Process);
        await RunAsync(load, tallies, events, events * 2);
        await server.AllAckedAsync();
        var usage = meter.Read();
        await Doubles.CheckAsync(tallies);
        return Figure.OfRate("events", events, usage);
    }

    private async Task RunAsync(ClosedLoop load, IReadOnlyList<Tally> tallies, int first, int end)
    {
        await load.PublishAsync(first, end, instanceOf: number => number % instances);
        await Task.WhenAll(tallies.Select((tally, instance) => tally.WaitForAsync((end / instances) + (instance < end % instances ? 1 : 0))));
    }
}
