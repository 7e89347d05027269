using System.Collections.Concurrent;
using VZaps.Client.Tests.Ways;

namespace VZaps.Client.Tests.Faults;

/// <summary>
/// Two hundred random schedules of faults, over all ways to consume. Whatever happens on the way: every event is handled, once, in the order of its chat, and none is acked that
/// was not handled. <c>VZAPS_FAULT_SEED=n</c> runs the one schedule that a failure names.
/// </summary>
public sealed class FaultScheduleTests
{
    private const int Schedules = 200;
    private const int AtATime = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Whatever_goes_wrong_on_the_line_every_event_is_handled_once_in_the_order_of_its_chat_and_none_is_acked_unhandled()
    {
        var failures = new ConcurrentQueue<string>();
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("VZAPS_FAULT_SEED"), out var one) ? [one] : Enumerable.Range(1, Schedules);
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (seed, _) =>
        {
            foreach (var failure in await RunAsync(new FaultSchedule(seed), WayToConsume.Each[seed % WayToConsume.Each.Count]))
                failures.Enqueue(failure);
        });
        Assert.True(failures.IsEmpty, string.Join('\n', failures.Take(20)));
    }

    private static async Task<IEnumerable<string>> RunAsync(FaultSchedule schedule, WayToConsume way)
    {
        var handlings = new Handlings(schedule, way.IsParallel);
        var account = new Account(handlings);
        using var gateway = new ModelGateway(schedule, account);
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            ClientToken = "client-token", ClientSecret = "client-secret", BaseUrl = new Uri("http://in-process"), HttpHandler = gateway,
            KeepAliveInterval = TimeSpan.FromMilliseconds(150), KeepAliveTimeout = TimeSpan.FromMilliseconds(150), ConnectTimeout = TimeSpan.FromMilliseconds(300),
            FailedEventDelay = TimeSpan.FromMilliseconds(1), CloseTimeout = TimeSpan.FromSeconds(10),
        });
        var complaints = new List<string>();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var consumer = await way.BeginAsync(client, ScriptedServer.Request, (received, _) => handlings.HandleAsync(received)).WaitAsync(Limit);
        while (!(handlings.AllHandled && account.AllAcked) && watch.Elapsed < Limit && !consumer.Ended.IsFaulted)
            await Task.Delay(2);
        if (consumer.Ended.IsFaulted)
            complaints.Add($"it ended: {consumer.Ended.Exception.InnerException!.Message}");
        else if (watch.Elapsed >= Limit)
            complaints.Add($"not done within {Limit}: not handled: {handlings.Missing}; handshakes: {gateway.Handshakes}; all acked: {account.AllAcked}");
        await consumer.StopAsync().WaitAsync(Limit);
        await gateway.AllEnded.WaitAsync(Limit);
        return complaints.Concat(handlings.Complaints).Concat(account.Complaints).Select(complaint => $"{complaint} ({schedule}; {way})");
    }
}
