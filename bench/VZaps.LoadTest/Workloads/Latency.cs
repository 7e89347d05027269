using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>A steady stream in an open loop: from when an event's publish was due to when its subscriber has it.</summary>
internal sealed class Latency(int perSecond, int seconds) : IWorkload
{
    private const int WarmUpSeconds = 4;

    public string Name => "latency";

    public ServerNeeds Needs => new(Instances: 1, StoredEvents: 0);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        var (warmUp, events) = (perSecond * WarmUpSeconds, perSecond * seconds);
        var dueAt = new long[warmUp + events];
        var tally = new LatencyTally(dueAt, countFrom: warmUp);
        await using var subscription = await server.SubscribeAsync(new SubscribeRequest(Instance: 0), tally);
        await using var load = new OpenLoop(server, dueAt);
        await load.ConnectAsync();
        await load.PublishAsync(0, warmUp, perSecond, instance: 0);
        await tally.WaitForAsync(warmUp);

        var meter = Meter.Start(server.Process);
        await load.PublishAsync(warmUp, events, perSecond, instance: 0);
        await tally.WaitForAsync(dueAt.Length);
        var usage = meter.Read();
        await Doubles.CheckAsync([tally]);
        return [.. Percentiles(tally), new Figure("server CPU, % of a core", usage.Cpu / usage.Elapsed * 100), Figure.Peak(usage)];
    }

    public static IEnumerable<Figure> Percentiles(LatencyTally tally) =>
        new[] { 50, 99, 99.9 }.Select(percentile => new Figure($"p{percentile:0.#}, ms", tally.Percentile(percentile), 2));
}
