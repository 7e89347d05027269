using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Webhooks;

/// <summary>The whole of it with the SDK at both ends: set, receive, fail, look into the logs, mend, deliver again.</summary>
public sealed class WebhookFlowTests
{
    private readonly ConcurrentQueue<VZapsEvent> _received = new();
    private volatile bool _isBroken;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_failed_is_found_in_the_logs_and_delivered_again_when_the_endpoint_is_mended()
    {
        await using var gateway = new GatewayProcess(("VZAPS_Webhooks__AllowedNetworks", "127.0.0.0/8"), ("VZAPS_Webhooks__RetrySchedule", "00:00:00.1"));
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        await using var client = NewClient(gateway);
        var webhooks = client.Webhooks;

        // Set, and receive.
        var url = $"http://127.0.0.1:{GatewayProcess.FreePort()}";
        var endpoint = await webhooks.SetEndpointAsync(instance.Id, "default", new SetWebhookEndpointRequest { WebhookUrl = url + "/hook", Events = [EventType.Message] }, Ended);
        await using var receiver = await StartAsync(url, endpoint.Secret!);
        var test = await webhooks.SendTestAsync(instance.Id, "default", Ended);
        Assert.True(test.Success, test.Attempt?.Error);
        Assert.Equal(test.EventId, Assert.Single(_received).Id);
        var first = (await api.PublishAsync(instance, Message(1))).Single();
        await Wait.UntilAsync(() => _received.Any(received => received.Id == first && received.DeliveryCount == 1), "the first event is received");

        // Fail, and find out why.
        _isBroken = true;
        var failed = await api.PublishAsync(instance, $"[{Message(2)},{Message(3)},{Message(4)}]");
        var search = new WebhookLogSearch { Status = "failed", Size = 2 };
        await Wait.UntilAsync(async () => (await FailedAsync()).Count == 3, "three logs have failed");
        var logs = await FailedAsync();
        Assert.Equal(failed.Order(StringComparer.Ordinal), logs.Select(found => found.EventId).Order(StringComparer.Ordinal));
        var log = await webhooks.GetLogAsync(instance.Id, logs[0].Id, Ended);
        Assert.Equal(2, log.Attempts.Count);
        Assert.All(log.Attempts, attempt => Assert.Equal((503, "not now"), (attempt.HttpStatus!.Value, attempt.Response)));
        Assert.Equal(log.EventId, log.Request!.Headers["webhook-id"]);
        Assert.Equal("Message", log.Request.Body!.Value.GetProperty("type").GetString());
        var deliveries = await webhooks.GetDeliveriesAsync(instance.Id, log.EventId, Ended);
        Assert.Equal(("default", "failed", log.Id), deliveries.Endpoints.Select(one => (one.Endpoint, one.Status, one.LogId)).Single());

        // Mend it, with a new secret meanwhile; deliver one again, then all.
        _isBroken = false;
        await webhooks.RotateSecretAsync(instance.Id, "default", Ended);
        await webhooks.RetryAsync(instance.Id, log.Id, Ended);
        await Wait.UntilAsync(async () => (await webhooks.GetLogAsync(instance.Id, log.Id, Ended)).Status == "delivered", "the one is delivered");
        Assert.True((await webhooks.GetLogAsync(instance.Id, log.Id, Ended)).Attempts[^1].Manual);
        var job = await webhooks.RetryAllAsync(instance.Id, search, Ended);
        await Wait.UntilAsync(async () => await webhooks.GetRetryJobAsync(instance.Id, job.Id, Ended) is { State: "done", Waiting: 0 }, "all is asked for and attempted");
        Assert.Equal(2, (await webhooks.GetRetryJobAsync(instance.Id, job.Id, Ended)).Asked);
        await Wait.UntilAsync(async () => (await FailedAsync()).Count == 0, "nothing is failed any more");
        Assert.All(failed, id => Assert.Contains(_received, received => received.Id == id));

        async Task<List<WebhookLog>> FailedAsync()
        {
            var all = new List<WebhookLog>();
            await foreach (var found in webhooks.SearchAllLogsAsync(instance.Id, search, Ended))
                all.Add(found);
            return all;
        }
    }

    [Fact]
    public async Task An_address_that_is_not_public_is_refused_when_it_is_set()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        await using var client = NewClient(gateway);
        foreach (var (url, code) in new[] { ("http://2130706433/hook", "invalid_webhook_url"), ("http://localhost:8080/hook", "webhook_url_forbidden"), ("http://[::ffff:10.0.0.1]/", "webhook_url_forbidden") })
        {
            var refusal = await Assert.ThrowsAsync<VZapsApiException>(() => client.Webhooks.SetAsync(instance.Id, new SetWebhookRequest { WebhookUrl = url }, Ended));
            Assert.Equal((400, code), (refusal.StatusCode, refusal.ErrorCode));
        }
    }

    private static VZapsClient NewClient(GatewayProcess gateway) =>
        new(new VZapsClientOptions { BaseUrl = new Uri(gateway.BaseUrl), ClientToken = gateway.ClientToken, ClientSecret = gateway.ClientSecret });

    /// <summary>Verifies with the SDK what the gateway signs, with the first secret all the time.</summary>
    private async Task<WebApplication> StartAsync(string url, string secret)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        var verifier = new WebhookVerifier(secret);
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var received = verifier.Verify(name => context.Request.Headers[name], body.ToArray());
            if (_isBroken)
            {
                context.Response.StatusCode = 503;
                await context.Response.WriteAsync("not now");
                return;
            }

            _received.Enqueue(received);
        });
        await app.StartAsync();
        return app;
    }

    private static string Message(int number) => $$"""{"type":"Message","data":{"event":{"number":{{number}} } } }""";
}
