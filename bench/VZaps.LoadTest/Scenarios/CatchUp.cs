using System.Diagnostics;

namespace VZaps.LoadTest.Scenarios;

/// <summary>A consumer that has read nothing catches up from the log: how fast, and what memory it takes.</summary>
internal static class CatchUp
{
    private const int EventsPerRequest = 1_000;
    private const int Publishers = 4;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var events = arguments.Number("events", 1_000_000);
        await using var gateway = await GatewayUnderTest.StartAsync(("Log:InstanceRetentionBytes", "8589934592"));
        await gateway.MakeConsumerAsync("plain");
        await gateway.MakeConsumerAsync("extension");
        await PublishAsync(gateway, events);
        var isWhole = true;
        foreach (var extended in (bool[])[false, true])
            isWhole &= await ReadAllAsync(gateway, events, extended);
        return isWhole ? 0 : 1;
    }

    private static async Task PublishAsync(GatewayUnderTest gateway, int events)
    {
        var (next, began) = (0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async _ =>
        {
            while (Interlocked.Add(ref next, EventsPerRequest) is var end && end <= events)
                await gateway.PublishAsync(BelievableEvents.Lines(end - EventsPerRequest, EventsPerRequest));
        }));
        Console.WriteLine($"published {events:N0} events in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s; the gateway has {gateway.ResidentMiB:0} MiB");
    }

    private static async Task<bool> ReadAllAsync(GatewayUnderTest gateway, int events, bool extended)
    {
        gateway.ForgetPeak();
        var (before, cpuBefore, began) = (gateway.ResidentMiB, gateway.Cpu, Stopwatch.GetTimestamp());
        using var socket = await gateway.ConnectAsync(extended ? "extension" : "plain", extended);
        var receiver = new EventReceiver(socket);
        var quarter = new List<double>();
        while (receiver.Count < events)
        {
            var read = await receiver.ReceiveAsync();
            if (read > 0)
                await receiver.AckAsync(upTo: extended);
            if (receiver.Count * 4L / events > quarter.Count)
                quarter.Add(gateway.ResidentMiB);
        }

        var took = Stopwatch.GetElapsedTime(began);
        Console.WriteLine($"{(extended ? "extension" : "plain    ")}: {receiver.Count:N0} events, {receiver.Bytes / 1e6:0} MB in {took.TotalSeconds:0.0} s = {receiver.Count / took.TotalSeconds:N0}/s, "
            + $"{(gateway.Cpu - cpuBefore).TotalSeconds:0.0} s CPU of the gateway; memory {before:0} MiB before, {string.Join(", ", quarter.Select(mib => $"{mib:0}"))} at each quarter, peak {gateway.PeakMiB:0}; "
            + $"{receiver.Misplaced} out of order or twice");
        return receiver.Misplaced == 0;
    }
}
