using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>Jobs that cannot go on, and those of others.</summary>
public sealed class RetryJobTurnTests : IAsyncLifetime
{
    private readonly DateTimeOffset _from = DateTimeOffset.UtcNow.AddSeconds(-5);
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(settings: [("Webhooks:RetrySchedule", "1.00:00:00"), ("Webhooks:MaxPendingPerEndpoint", "1")]);
        _receiver = await WebhookReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Endpoints_that_are_full_keep_no_job_of_another_instance_from_its_end()
    {
        _receiver.Answer = (post, context) =>
        {
            context.Response.StatusCode = post.Path == "/ill" ? 500 : 200;
            return Task.CompletedTask;
        };
        for (var n = 0; n < 5; n++)
        {
            var full = await _gateway.NewInstanceAsync();
            var job = await RetryUnattemptedAsync(full, "/ill");
            await _gateway.UntilWebhookAsync(full, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
            Assert.Equal("running", (await GetAsync(full, job)).Text("state"));
        }

        var other = await _gateway.NewInstanceAsync();
        await UntilStateAsync(other, await RetryUnattemptedAsync(other, "/well"), "done");
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count(post => post.Path == "/well") == 3, "its events are delivered");
    }

    [Fact]
    public async Task One_that_waits_for_room_goes_on_when_there_is_some_and_says_how_far_it_is()
    {
        _receiver.AnswerAll(500);
        var instance = await _gateway.NewInstanceAsync();
        var job = await RetryUnattemptedAsync(instance, "/ill");
        await WebhookCalls.UntilAsync(async () => (await GetAsync(instance, job)).GetProperty("asked").GetInt32() == 1, "one is begun");
        await _gateway.UntilWebhookAsync(instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        _receiver.AnswerAll(200);
        var (_, log) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook/logs/search", new { }, instance.AccessToken);
        await _gateway.CallAsync(instance, HttpMethod.Post, $"/webhook/logs/{log.GetProperty("data").GetProperty("content")[0].Text("id")}/retry");
        var done = await UntilStateAsync(instance, job, "done");
        Assert.Equal((3, 3, 0), (done.GetProperty("matched").GetInt32(), done.GetProperty("asked").GetInt32(), done.GetProperty("skipped").GetInt32()));
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Select(post => post.EventId).Distinct().Count() == 3, "all are posted");
    }

    [Fact]
    public async Task One_that_is_cancelled_makes_way_for_another_and_stays_cancelled()
    {
        _receiver.AnswerAll(500);
        var instance = await _gateway.NewInstanceAsync();
        var job = await RetryUnattemptedAsync(instance, "/ill");
        await _gateway.UntilWebhookAsync(instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        Assert.Equal((409, "retry_running"), await _gateway.RefusalAsync(instance, HttpMethod.Post, "/webhook/logs/retry", new { from = _from }));
        Assert.Equal("cancelled", (await _gateway.CallAsync(instance, HttpMethod.Delete, $"/webhook/jobs/{job}")).Text("state"));
        Assert.Equal((404, "job_not_found"), await _gateway.RefusalAsync(instance, HttpMethod.Delete, "/webhook/jobs/whj_x"));

        var (status, answer) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook/logs/retry", new { status = "failed" }, instance.AccessToken);
        Assert.Equal(202, status);
        await UntilStateAsync(instance, answer.GetProperty("data").Text("id")!, "done");
        var ended = await GetAsync(instance, job);
        Assert.Equal(("cancelled", JsonValueKind.String, JsonValueKind.Null), (ended.Text("state"), ended.GetProperty("ended_at").ValueKind, ended.GetProperty("error").ValueKind));
    }

    [Fact]
    public async Task One_that_breaks_off_is_gone_on_with_and_after_too_many_breaks_it_has_failed_and_another_can_begin()
    {
        var instance = await _gateway.NewInstanceAsync();
        await _gateway.SetWebhookAsync(instance, new { webhook_url = _receiver.UrlOf("/well") });
        const string Hide = "ALTER TABLE webhook_attempts RENAME TO hidden_attempts", Show = "ALTER TABLE hidden_attempts RENAME TO webhook_attempts";
        await _gateway.PublishAsync(instance);
        await WebhookCalls.UntilAsync(async () => (await TotalAsync(instance)) == 1, "one is logged");
        _gateway.Run(Hide);
        var (_, begun) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook/logs/retry", new { status = "delivered" }, instance.AccessToken);
        var job = begun.GetProperty("data").Text("id")!;
        var failed = await UntilStateAsync(instance, job, "failed");
        Assert.Contains(job, failed.Text("error"));

        var (status, second) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook/logs/retry", new { status = "delivered" }, instance.AccessToken);
        Assert.Equal(202, status);
        _gateway.Run(Show);
        await UntilStateAsync(instance, second.GetProperty("data").Text("id")!, "done");
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 2, "the retry is made");
    }

    /// <summary>Three events that an endpoint was moved past, and a retry of them.</summary>
    private async Task<string> RetryUnattemptedAsync(TestInstance instance, string path)
    {
        await _gateway.SetWebhookAsync(instance, new { webhook_url = _receiver.UrlOf(path), enabled = false });
        await _gateway.PublishAsync(instance, count: 3);
        await _gateway.SetWebhookAsync(instance, new { enabled = true, replay = false });
        var (status, answer) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook/logs/retry", new { from = _from }, instance.AccessToken);
        Assert.Equal(202, status);
        return answer.GetProperty("data").Text("id")!;
    }

    private async Task<int> TotalAsync(TestInstance instance) =>
        (await _gateway.CallAsync(instance, HttpMethod.Post, "/webhook/logs/search", new { })).GetProperty("total").GetInt32();

    private Task<JsonElement> GetAsync(TestInstance instance, string job) => _gateway.CallAsync(instance, HttpMethod.Get, $"/webhook/jobs/{job}");

    private async Task<JsonElement> UntilStateAsync(TestInstance instance, string job, string state)
    {
        JsonElement now = default;
        Assert.True(await Eventually.HoldsAsync(async () => (now = await GetAsync(instance, job)).Text("state") == state, seconds: 30), $"{state}: {now}");
        return now;
    }
}
