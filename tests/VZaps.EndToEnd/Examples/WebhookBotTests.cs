using System.Net;
using VZaps.Client.Testing;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Examples;

/// <summary>The example whose one handler serves webhook and connection.</summary>
public sealed class WebhookBotTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task By_webhook_it_handles_what_is_posted_and_needs_no_credentials()
    {
        var webhook = new FakeWebhook();
        var address = $"http://127.0.0.1:{GatewayProcess.FreePort()}";
        await using var bot = ExampleProcess.Start(
            "WebhookBot", [("VZaps__Subscriptions__phone__Transport", "Webhook"), ("VZaps__Subscriptions__phone__WebhookSecrets", webhook.Secret)], "--urls", address);
        await bot.SeesAsync("Now listening on");
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, await PostAsync(webhook, "evt_1"));
        await bot.SeesAsync("Ana wrote: hello bot (delivery 1)");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(webhook, "evt_1"));
        Assert.Single(bot.Lines, line => line.Contains("Ana wrote", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(new FakeWebhook(), "evt_2"));
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri(address + "/health"), TestContext.Current.CancellationToken));
        Assert.Equal(0, await bot.StopAsync("TERM"));

        async Task<HttpStatusCode> PostAsync(FakeWebhook from, string id)
        {
            using var post = from.NewPost(address + "/hook", EventType.Message, Data("hello bot"), id);
            using var answer = await http.SendAsync(post);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task By_webhook_it_handles_what_the_gateway_posts()
    {
        await using var posting = new GatewayProcess(("VZAPS_Webhooks__AllowedNetworks", "127.0.0.0/8"));
        await posting.StartAsync();
        using var api = new GatewayApi(posting);
        var instance = await api.CreateInstanceAsync();
        await using var client = new VZapsClient(
            new VZapsClientOptions { BaseUrl = new Uri(posting.BaseUrl), ClientToken = posting.ClientToken, ClientSecret = posting.ClientSecret });
        var address = $"http://127.0.0.1:{GatewayProcess.FreePort()}";
        var endpoint = await client.Webhooks.SetEndpointAsync(
            instance.Id, "bot", new SetWebhookEndpointRequest { WebhookUrl = address + "/hook", Body = "envelope" }, TestContext.Current.CancellationToken);
        await using var bot = ExampleProcess.Start(
            "WebhookBot", [("VZaps__Subscriptions__phone__Transport", "Webhook"), ("VZaps__Subscriptions__phone__WebhookSecrets", endpoint.Secret!)], "--urls", address);
        await bot.SeesAsync("Now listening on");
        await api.PublishAsync(instance, $$"""{"type":"Message","data":{{Data("hello gateway")}}}""");
        await bot.SeesAsync("Ana wrote: hello gateway (delivery 1)");
        Assert.Equal(0, await bot.StopAsync("TERM"));
    }

    [Fact]
    public async Task By_connection_the_same_handler_gets_what_is_published()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var bot = ExampleProcess.Start(
            "WebhookBot",
            [.. ExampleProcess.HostSettings(gateway.Process, instance), ("VZaps__Subscriptions__phone__Transport", "Realtime")],
            "--urls", $"http://127.0.0.1:{GatewayProcess.FreePort()}");
        await Wait.UntilAsync(
            async () =>
            {
                await gateway.Api.PublishAsync(instance, $$"""{"type":"Message","data":{{Data("hello again")}}}""");
                return bot.Has("Ana wrote: hello again (delivery 1)");
            },
            "the bot shows a message");
        Assert.Equal(0, await bot.StopAsync("TERM"));
    }

    private static string Data(string text) => $$$$"""
        {"type":"Message","event":{"Info":{"ID":"3EB0","Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net","PushName":"Ana"},"Message":{"conversation":"{{{{text}}}}"}}}
        """;
}
