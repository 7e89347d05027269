using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Kills;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Webhooks;

public sealed class WebhookKillTests(ITestOutputHelper output)
{
    private const int Concurrency = 10, Kills = 2, AcceptedBetweenKills = 150;
    private static readonly string[] Well = ["well-1", "well-2", "well-3"], Ill = ["hangs", "fails", "busy"];

    [Fact]
    public async Task Kills_lose_no_delivery_and_double_only_what_was_in_flight()
    {
        await using var gateway = new GatewayProcess(
            ("VZAPS_Webhooks__AllowedNetworks", "127.0.0.0/8"),
            ("VZAPS_Webhooks__Concurrency", Concurrency.ToString()),
            ("VZAPS_Webhooks__RetrySchedule", "00:00:00.2,00:00:00.2,00:00:00.2,00:00:00.2"));
        await using var receivers = await Receivers.StartAsync();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        foreach (var name in Well.Concat(Ill))
        {
            using var set = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhooks/{name}", $$"""{"webhook_url":"{{receivers.UrlOf(name)}}"}""");
            Assert.Equal(200, (int)set.StatusCode);
        }

        using var stop = new CancellationTokenSource();
        var publishers = new Publishers(() => new GatewayApi(gateway), instance, count: 2);
        var publishing = publishers.RunAsync(stop.Token);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var goal = publishers.Accepted.Count + AcceptedBetweenKills;
            await Wait.UntilAsync(() => (publishers.Accepted.Count >= goal && receivers.ArrivedAt("well-1").Count > 0) || publishing.IsFaulted, $"{goal} events are accepted");
            await gateway.KillAsync();
            await gateway.StartAsync();
        }

        var last = publishers.Accepted.Count + AcceptedBetweenKills;
        await Wait.UntilAsync(() => publishers.Accepted.Count >= last || publishing.IsFaulted, $"{last} events are accepted");
        await stop.CancelAsync();
        await publishing;

        var accepted = publishers.Accepted.Keys.ToHashSet();
        foreach (var name in Well.Append("fails").Append("busy"))
            await Wait.UntilAsync(() => accepted.IsSubsetOf(receivers.TakenAt(name)), $"'{name}' has taken all {accepted.Count} events");
        foreach (var name in Well)
        {
            var arrived = receivers.ArrivedAt(name);
            var doubles = arrived.Count - arrived.Distinct().Count();
            output.WriteLine($"{name}: {arrived.Count} posts of {accepted.Count} accepted events, {doubles} doubles, {Kills} kills");
            Assert.InRange(doubles, 0, Concurrency * Kills);
        }
    }
}
