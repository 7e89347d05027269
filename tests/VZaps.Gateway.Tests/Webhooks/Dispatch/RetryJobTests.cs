using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class RetryJobTests : IAsyncLifetime
{
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(settings: ("Webhooks:RetrySchedule", "00:00:00.1"));
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task All_that_failed_are_delivered_once_more_and_the_job_says_how_far_it_is()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        await _gateway.PublishAsync(_instance, count: 4);
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 4, "four are delivered");
        _receiver.AnswerAll(500);
        var failed = await _gateway.PublishAsync(_instance, count: 250);
        await UntilTotalAsync("failed", 250);
        _receiver.AnswerAll(200);
        var before = _receiver.Posts.Count;

        var job = await BeginAsync(new { status = "failed" });
        Assert.Matches("^whj_[0-9a-f]{32}$", job.Text("id"));
        var done = await UntilDoneAsync(job);
        Assert.Equal((250, 250, 0), (done.GetProperty("matched").GetInt32(), done.GetProperty("asked").GetInt32(), done.GetProperty("skipped").GetInt32()));
        await UntilTotalAsync("delivered", 254);
        Assert.Equal(failed, _receiver.Posts.Skip(before).Select(post => post.EventId).Order(StringComparer.Ordinal));
        Assert.Equal(0, (await _gateway.CallAsync(_instance, HttpMethod.Get, $"/webhook/jobs/{job.Text("id")}")).GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Events_that_were_never_attempted_are_delivered_too_also_to_a_disabled_endpoint()
    {
        var from = DateTimeOffset.UtcNow.AddSeconds(-1);
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url, enabled = false });
        var skipped = await _gateway.PublishAsync(_instance, count: 3);
        await _gateway.SetWebhookAsync(_instance, new { replay = false });
        Assert.Equal(0, await TotalAsync("delivered"));
        var done = await UntilDoneAsync(await BeginAsync(new { from }));
        Assert.Equal(3, done.GetProperty("asked").GetInt32());
        await UntilTotalAsync("delivered", 3);
        Assert.Equal(skipped, _receiver.Posts.Select(post => post.EventId).Order(StringComparer.Ordinal));
        Assert.False((await _gateway.GetWebhookAsync(_instance)).GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task A_retry_of_everything_whatever_it_is_has_to_say_what()
    {
        Assert.Equal((400, "filter_required"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, "/webhook/logs/retry", new { }));
        Assert.Equal((400, "invalid_status"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, "/webhook/logs/retry", new { status = "lost" }));
        Assert.Equal((404, "job_not_found"), await _gateway.RefusalAsync(_instance, HttpMethod.Get, "/webhook/jobs/whj_x"));
    }

    [Fact]
    public async Task A_test_is_posted_and_answered_with_the_attempt_and_changes_nothing()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url, enabled = false });
        _receiver.AnswerAll(418);
        var before = (await _gateway.GetWebhookAsync(_instance)).State().GetRawText();
        var test = await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhooks/default/test");
        Assert.False(test.GetProperty("success").GetBoolean());
        Assert.Equal(418, test.GetProperty("attempt").GetProperty("http_status").GetInt32());
        Assert.Equal("status 418", test.GetProperty("attempt").Text("response"));
        Assert.Equal("true", _receiver.Posts.Single().Headers["vzaps-test"]);
        Assert.Equal(_receiver.Posts[0].Headers["webhook-signature"], test.GetProperty("request").GetProperty("headers").Text("webhook-signature"));
        Assert.Equal(before, (await _gateway.GetWebhookAsync(_instance)).State().GetRawText());
        Assert.Equal(0, await TotalAsync(null));
    }

    private async Task<JsonElement> BeginAsync(object filter)
    {
        var (status, answer) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{_instance.Id}/webhook/logs/retry", filter, _instance.AccessToken);
        Assert.Equal(202, status);
        return answer.GetProperty("data");
    }

    private async Task<JsonElement> UntilDoneAsync(JsonElement job)
    {
        var now = job;
        Assert.True(await Eventually.HoldsAsync(async () =>
            (now = await _gateway.CallAsync(_instance, HttpMethod.Get, $"/webhook/jobs/{job.Text("id")}")).Text("state") == "done", seconds: 30));
        return now;
    }

    private async Task<int> TotalAsync(string? status) =>
        (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhook/logs/search", new { status })).GetProperty("total").GetInt32();

    private async Task UntilTotalAsync(string status, int total) =>
        Assert.True(await Eventually.HoldsAsync(async () => await TotalAsync(status) == total, seconds: 30), $"{total} {status}");
}
