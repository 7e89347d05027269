using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>
/// Publishers as fast as they are answered, one subscriber that acks each event: <c>single</c> with one event a request,
/// <c>batch</c> with lines of many.
/// </summary>
internal sealed class Throughput(string name, int publishers, int perRequest, int events) : IWorkload
{
    private const double WarmUpShare = 0.3;

    public string Name => name;

    public ServerNeeds Needs => new(Instances: 1, StoredEvents: 0);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        var warmUp = (int)(events * WarmUpShare);
        var tally = new Tally(warmUp + events);
        await using var subscription = await server.SubscribeAsync(new SubscribeRequest(Instance: 0), tally);
        await using var load = await ClosedLoop.OpenAsync(server, publishers);
        await load.PublishAsync(0, warmUp, perRequest);
        await tally.WaitForAsync(warmUp);

        var meter = Meter.Start(server.Process);
        await load.PublishAsync(warmUp, warmUp + events, perRequest);
        await tally.WaitForAsync(warmUp + events);
        await server.AllAckedAsync();
        var usage = meter.Read();
        await Doubles.CheckAsync([tally]);
        return Figure.OfRate("events", events, usage);
    }
}
