using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Examples;

/// <summary>The example that the guide begins with, as its own process against a gateway of its own.</summary>
public sealed class QuickstartTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task It_receives_what_is_published_also_when_the_gateway_is_away_for_ten_seconds_in_between()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        await using var quickstart = ExampleProcess.Start("Quickstart", ExampleProcess.PlainSettings(gateway, instance));

        await quickstart.SeesAsync("connected");
        await ExpectAsync(quickstart, await api.PublishAsync(instance, Event("before")));

        Assert.Equal(0, await gateway.TerminateAsync());
        await Task.Delay(Outage, TestContext.Current.CancellationToken); // the outage is what is tested
        await gateway.StartAsync();
        await ExpectAsync(quickstart, await api.PublishAsync(instance, $"[{Event("after")},{Event("and more")}]"));
        Assert.Equal(0, await quickstart.StopAsync("INT"));
    }

    private static string Event(string text) => $$$$"""{"type":"Message","data":{"event":{"text":"{{{{text}}}}"}}}""";

    private static async Task ExpectAsync(ExampleProcess quickstart, string[] ids)
    {
        foreach (var id in ids)
            await quickstart.SeesAsync(id);
    }
}
