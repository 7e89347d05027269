using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Stored events to a reader that has read none of them, acked.</summary>
internal sealed class ReplayStored(int events) : IWorkload
{
    public string Name => "replay";

    public ServerNeeds Needs => new(Instances: 1, events);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        await server.MakeReaderAsync(instance: 0, "first");
        await server.MakeReaderAsync(instance: 0, "second");
        await StoredEvents.StoreAsync(server, instance: 0, 0, events);
        await ReadAllAsync(server, "first"); // warms up

        var before = server.Process.ResidentBytes;
        var usage = await ReadAllAsync(server, "second");
        return [.. Figure.OfRate("events", events, usage), new Figure("memory over before, MiB", (usage.PeakBytes - before) / 1_048_576.0)];
    }

    private async Task<Usage> ReadAllAsync(IServer server, string reader)
    {
        var tally = new Tally(events);
        var meter = Meter.Start(server.Process);
        await using var subscription = await server.SubscribeAsync(new SubscribeRequest(Instance: 0, reader, IsReplay: true), tally);
        await tally.WaitForAsync(events);
        await server.AllAckedAsync();
        var usage = meter.Read();
        await Doubles.CheckAsync([tally]);
        return usage;
    }
}
