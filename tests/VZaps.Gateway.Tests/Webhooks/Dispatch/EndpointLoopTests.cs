using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>What an endpoint that is in trouble costs the others.</summary>
public sealed class EndpointLoopTests : IAsyncLifetime
{
    private readonly CapturedLog _log = new();
    private readonly SemaphoreSlim _permits = new(0);
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _permits.Release(1_000);
        await _receiver.DisposeAsync();
        _permits.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task One_that_cannot_go_on_stands_in_no_line_for_a_shared_slot()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync(
            log: _log, settings: [("Webhooks:Concurrency", "2"), ("Webhooks:MaxInFlight", "1"), ("Webhooks:Timeout", "00:02:00")]);
        var (well, ill) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        await gateway.SetWebhookAsync(well, new { webhook_url = _receiver.UrlOf("/well") });
        await gateway.SetWebhookAsync(ill, new { webhook_url = _receiver.UrlOf("/ill") });

        // One endpoint has the shared slot, the other one waits for it, and then its table cannot be read.
        _receiver.Answer = (post, context) => post.Path == "/well" ? _permits.WaitAsync(context.RequestAborted) : _receiver.HangAsync(context);
        await gateway.PublishAsync(well, count: 4);
        await PostsAsync("/well", 2);
        await gateway.PublishAsync(ill, count: 2);
        await PostsAsync("/ill", 1);
        gateway.Run("DROP INDEX \"IX_webhook_deliveries_due\"");
        await gateway.SendAsync(HttpMethod.Post, $"/instances/{ill.Id}/webhook", new { order = "chat" }, ill.AccessToken);
        await WebhookCalls.UntilAsync(() => _log.Text.Contains("cannot go on", StringComparison.Ordinal), "the loop fails");
        _permits.Release(2);
        await PostsAsync("/well", 4);
        gateway.Run("CREATE INDEX \"IX_webhook_deliveries_due\" ON webhook_deliveries (\"EndpointId\", \"NextAttemptAtMilliseconds\") WHERE \"Status\" = 0");
    }

    [Fact]
    public async Task One_whose_answers_take_long_is_left_one_attempt_at_a_time_also_where_their_status_is_good()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync(settings: [("Webhooks:Concurrency", "4"), ("Webhooks:Timeout", "00:00:00.4")]);
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetWebhookAsync(instance, new { webhook_url = _receiver.Url });
        var inFlight = new ConcurrentQueue<int>();
        _receiver.Answer = async (_, context) =>
        {
            inFlight.Enqueue(gateway.Get<Dispatcher>().Loops.Single().InFlight);
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await _receiver.HangAsync(context);
        };
        await gateway.PublishAsync(instance, count: 10);
        await PostsAsync("/hook", 10);
        Assert.All(inFlight.Skip(6), attempts => Assert.Equal(1, attempts));
    }

    private Task PostsAsync(string path, int count) => WebhookCalls.UntilAsync(() => _receiver.Posts.Count(post => post.Path == path) >= count, $"{count} posts at {path}");
}
