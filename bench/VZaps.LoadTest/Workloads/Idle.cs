using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Many connections on which nothing happens: what each takes in memory, and all together of the CPU. Then each gets an event.</summary>
internal sealed class Idle(int connections, int instances, int seconds) : IWorkload
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public string Name => "idle";

    public ServerNeeds Needs => new(instances, StoredEvents: 0);

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        await WarmUpAsync(server);
        await Task.Delay(Settling);
        var before = server.Process.ResidentBytes;
        var tallies = Enumerable.Range(0, connections).Select(_ => new Tally(connections)).ToList();
        await using var subscriptions = new Subscriptions();
        for (var i = 0; i < connections; i++)
            subscriptions.Add(await server.SubscribeAsync(new SubscribeRequest(i % instances), tallies[i]));

        await Task.Delay(Settling);
        var meter = Meter.Start(server.Process);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var usage = meter.Read();
        var bytes = (server.Process.ResidentBytes - before) / (double)connections;

        await using var load = await ClosedLoop.OpenAsync(server, publishers: 1);
        await load.PublishAsync(0, instances, instanceOf: number => number % instances);
        await Task.WhenAll(tallies.Select(tally => tally.WaitForAsync(1)));
        await Doubles.CheckAsync(tallies);
        return [new Figure("bytes a connection", bytes, 0), new Figure("server CPU, % of a core", usage.Cpu / usage.Elapsed * 100, 2), Figure.Peak(usage)];
    }

    /// <summary>What the first connection of all costs is no cost of a connection.</summary>
    private static async Task WarmUpAsync(IServer server)
    {
        var tally = new Tally(1);
        await using var subscription = await server.SubscribeAsync(new SubscribeRequest(Instance: 0), tally);
        await using var load = await ClosedLoop.OpenAsync(server, publishers: 1);
        await load.PublishAsync(0, 1);
        await tally.WaitForAsync(1);
        // What is not acked when the connection ends is owed to the next one, and would come to it beside its own event.
        await server.AllAckedAsync();
    }
}
