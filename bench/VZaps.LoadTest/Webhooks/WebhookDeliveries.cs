using System.Diagnostics;
using System.Net.Http.Json;
using VZaps.LoadTest.Results;

namespace VZaps.LoadTest.Webhooks;

/// <summary>
/// Deliveries to a hundred endpoints, of which some hang, some fail and some are too busy, with a kill of the gateway in the middle: whether the healthy ones notice, and
/// whether what the receivers got is what the delivery logs say.
/// </summary>
internal static class WebhookDeliveries
{
    private const int Instances = 10, Healthy = 7, EndpointsEach = Healthy + 3, Concurrency = 10, InFlightAtKill = 3;
    private const string Schedule = "00:00:00.5,00:00:01,00:00:02,00:00:02";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), SettleLimit = TimeSpan.FromMinutes(3);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (events, perSecond) = (arguments.Number("deliveries", 20_000) / EndpointsEach, arguments.Number("rate", 200) / (double)EndpointsEach);
        await using var server = await ReceiverServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            ("Webhooks:AllowedNetworks", "127.0.0.0/8"), ("Webhooks:Concurrency", $"{Concurrency}"), ("Webhooks:RetrySchedule", Schedule));
        var publisher = new TimedPublisher(gateway, await MakeEndpointsAsync(gateway, server));
        var healthy = server.All.Where(receiver => receiver.Conduct == Conduct.Well).ToList();
        var publishing = publisher.RunAsync(events, perSecond);
        var outage = await KillInTheMiddleAsync(gateway, () => publishing.IsCompleted || (publisher.Count >= events / 2 && healthy.Sum(receiver => receiver.Unanswered) >= InFlightAtKill), healthy);
        var (cpu, posts) = (gateway.Cpu, server.All.Sum(receiver => receiver.Posts.Count));
        await publishing;
        await WaitAsync(() => Task.FromResult(healthy.Sum(receiver => receiver.Taken) >= events * Healthy), "the healthy endpoints have taken everything");
        (cpu, posts) = (gateway.Cpu - cpu, server.All.Sum(receiver => receiver.Posts.Count) - posts);
        server.Release();
        await WaitAsync(() => IsSettledAsync(gateway, server), "nothing is pending any more");

        var verdict = new Verdict(await AccountsAsync(gateway, server, publisher, outage), outage, Concurrency);
        Console.WriteLine($"{Machine.Describe(Path.GetTempPath())}; {events * EndpointsEach:N0} deliveries at {perSecond * EndpointsEach:0}/s to {Instances * EndpointsEach} endpoints of {Instances} instances; waits of {Schedule}");
        Console.WriteLine();
        Console.Write(verdict);
        Console.WriteLine();
        Console.WriteLine($"From the restart to the last event: {cpu.TotalMilliseconds / Math.Max(1, posts):0.00} ms of CPU a post; {gateway.PeakMiB:0} MiB at most.");
        return verdict.Holds ? 0 : 1;
    }

    private static async Task<List<string>> MakeEndpointsAsync(GatewayUnderTest gateway, ReceiverServer server)
    {
        var instances = new List<string>();
        for (var i = 0; i < Instances; i++)
        {
            var instance = await gateway.CreateInstanceAsync($"load test {i}");
            instances.Add(instance);
            foreach (var conduct in Enumerable.Repeat(Conduct.Well, Healthy).Append(Conduct.Hangs).Append(Conduct.Fails).Append(Conduct.Busy))
            {
                var name = $"endpoint-{server.All.Count}";
                using var set = await gateway.Http.PostAsJsonAsync($"/instances/{instance}/webhooks/{name}", new { webhook_url = server.Add(instance, name, conduct) });
                set.EnsureSuccessStatusCode();
            }
        }

        return instances;
    }

    private static async Task<Outage> KillInTheMiddleAsync(GatewayUnderTest gateway, Func<bool> isTime, IReadOnlyList<Receiver> healthy)
    {
        while (!isTime())
            await Task.Delay(1);
        var (killedAt, unanswered) = (Stopwatch.GetTimestamp(), healthy.Sum(receiver => receiver.Unanswered));
        await gateway.KillAsync();
        var (startedAt, startedAtTime) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        await gateway.StartAgainAsync();
        return new Outage(killedAt, startedAt, startedAtTime, Stopwatch.GetTimestamp(), unanswered);
    }

    /// <summary>Waits for so long; what is not so then, the verdict shows.</summary>
    private static async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > SettleLimit)
            {
                await Console.Error.WriteLineAsync($"After {SettleLimit.TotalSeconds:0} s still not: {what}.");
                return;
            }

            await Task.Delay(Pause);
        }
    }

    private static async Task<bool> IsSettledAsync(GatewayUnderTest gateway, ReceiverServer server)
    {
        foreach (var instance in InstancesOf(server))
        {
            if (!await LoggedDelivery.IsAllSettledAsync(gateway.Http, instance))
                return false;
        }

        return true;
    }

    private static async Task<List<ReceiverAccount>> AccountsAsync(GatewayUnderTest gateway, ReceiverServer server, TimedPublisher publisher, Outage outage)
    {
        var accounts = new List<ReceiverAccount>();
        foreach (var instance in InstancesOf(server))
        {
            var logs = await LoggedDelivery.ReadAllAsync(gateway.Http, instance);
            var published = publisher.Accepted.Where(accepted => accepted.Value.Instance == instance).ToDictionary(accepted => accepted.Key, accepted => accepted.Value.DueAt, StringComparer.Ordinal);
            foreach (var receiver in server.All.Where(receiver => receiver.Instance == instance))
            {
                var own = logs.Where(log => log.Key.Endpoint == receiver.Name).ToDictionary(log => log.Key.EventId, log => log.Value, StringComparer.Ordinal);
                accounts.Add(new ReceiverAccount(receiver, published, own, outage));
            }
        }

        return accounts;
    }

    private static IEnumerable<string> InstancesOf(ReceiverServer server) => server.All.Select(receiver => receiver.Instance).Distinct(StringComparer.Ordinal);
}
