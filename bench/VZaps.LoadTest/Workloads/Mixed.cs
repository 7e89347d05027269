using System.Diagnostics;
using VZaps.LoadTest.Events;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>One instance's log is read again and again while another instance runs <see cref="Latency"/>.</summary>
internal sealed class Mixed(int perSecond, int seconds, int stored) : IWorkload
{
    private const int WarmUpSeconds = 4;
    private const int Live = 0, Replayed = 1;
    private const int Readers = 100; // as many as an instance of the gateway may have, and more than can be read in the time

    public string Name => "mixed";

    // The bare server keeps both in one file.
    public ServerNeeds Needs => new(Instances: 2, stored + (perSecond * (seconds + WarmUpSeconds)));

    public async Task<IReadOnlyList<Figure>> RunAsync(IServer server)
    {
        for (var reader = 0; reader < Readers; reader++)
            await server.MakeReaderAsync(Replayed, NameOf(reader));
        await StoredEvents.StoreAsync(server, Replayed, 0, stored);

        var (warmUp, events) = (perSecond * WarmUpSeconds, perSecond * seconds);
        var dueAt = new long[warmUp + events];
        var tally = new LatencyTally(dueAt, countFrom: warmUp);
        await using var subscription = await server.SubscribeAsync(new SubscribeRequest(Live), tally);
        await using var load = new OpenLoop(server, dueAt);
        await load.ConnectAsync();
        await load.PublishAsync(0, warmUp, perSecond, Live);

        using var end = new CancellationTokenSource();
        var meter = Meter.Start(server.Process);
        var replaying = Task.Run(() => ReplayAsync(server, end.Token), CancellationToken.None);
        await load.PublishAsync(warmUp, events, perSecond, Live);
        await end.CancelAsync();
        await tally.WaitForAsync(dueAt.Length);
        var usage = meter.Read();
        var replayedPerSecond = await replaying;
        await Doubles.CheckAsync([tally]);
        return
        [
            .. Latency.Percentiles(tally), new Figure("replayed events/s", replayedPerSecond, 0),
            new Figure("server CPU, % of a core", usage.Cpu / usage.Elapsed * 100), Figure.Peak(usage),
        ];
    }

    private async Task<double> ReplayAsync(IServer server, CancellationToken end)
    {
        var (events, began, reader) = (0L, Stopwatch.GetTimestamp(), 0);
        while (!end.IsCancellationRequested && reader < Readers)
        {
            var tally = new Tally(stored);
            await using var subscription = await server.SubscribeAsync(new SubscribeRequest(Replayed, NameOf(reader++), IsReplay: true), tally);
            await tally.WaitForAsync(stored);
            events += tally.Count;
            if (tally.Doubled > 0)
                throw new InvalidDataException($"{tally.Doubled} replayed events came twice.");
        }

        return events / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static string NameOf(int reader) => $"replay{reader}";
}
