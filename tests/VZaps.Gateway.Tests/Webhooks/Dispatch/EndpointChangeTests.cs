using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>What a change of an endpoint means for what it missed and how it failed before.</summary>
public sealed class EndpointChangeTests : IAsyncLifetime
{
    private readonly JumpingClock _clock = new();
    private readonly CapturedLog _log = new();
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(clock: _clock, log: _log, settings: ("Webhooks:RetrySchedule", "00:01:00"));
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
        await SetAsync(new { webhook_url = _receiver.Url });
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Without_its_url_it_misses_what_comes_and_has_it_delivered_when_it_has_one_again()
    {
        await SetAsync(new { enabled = false });
        var first = await _gateway.PublishAsync(_instance, count: 2);
        await SetAsync(new { webhook_url = "", enabled = true });
        var second = await _gateway.PublishAsync(_instance);
        Assert.Equal(3, (await _gateway.GetWebhookAsync(_instance)).State().GetProperty("missed").GetInt64());
        await SetAsync(new { webhook_url = _receiver.Url });
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 3, "all that was missed");
        Assert.Equal([.. first, .. second], _receiver.Posts.Select(post => post.EventId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_url_set_without_replay_goes_on_at_the_logs_end()
    {
        await SetAsync(new { webhook_url = "" });
        await _gateway.PublishAsync(_instance, count: 3);
        await SetAsync(new { webhook_url = _receiver.Url, replay = false });
        var last = (await _gateway.PublishAsync(_instance))[0];
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count > 0, "the new one");
        Assert.Equal(last, _receiver.Posts[0].EventId);
    }

    [Fact]
    public async Task What_came_before_there_ever_was_a_url_is_nobodys()
    {
        await SetAsync(new { events = "All" }, "/webhooks/late");
        await _gateway.PublishAsync(_instance);
        Assert.Equal(0, (await SetAsync(new { webhook_url = _receiver.UrlOf("/late") }, "/webhooks/late")).State().GetProperty("missed").GetInt64());
        var last = (await _gateway.PublishAsync(_instance))[0];
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Any(post => post.Path == "/late"), "the new one");
        Assert.Equal(last, _receiver.Posts.First(post => post.Path == "/late").EventId);
    }

    [Fact]
    public async Task Another_url_has_not_failed_yet()
    {
        _receiver.AnswerAll(500);
        await _gateway.PublishAsync(_instance);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().Text("status") == "failing");
        var changed = await SetAsync(new { webhook_url = _receiver.UrlOf("/mended") });
        Assert.Equal(("active", JsonValueKind.Null), (changed.State().Text("status"), changed.State().GetProperty("failing_since").ValueKind));
    }

    [Fact]
    public async Task An_answer_of_410_to_an_attempt_from_before_it_was_enabled_again_disables_nothing()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiver.Answer = async (_, context) =>
        {
            await answer.Task;
            context.Response.StatusCode = StatusCodes.Status410Gone;
        };
        await _gateway.PublishAsync(_instance);
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 1, "it is out");
        await SetAsync(new { enabled = false });
        _clock.Jump(TimeSpan.FromSeconds(1));
        await SetAsync(new { enabled = true });
        answer.SetResult();
        var kept = await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        Assert.True(kept.GetProperty("enabled").GetBoolean());
        // The same answer to the next attempt counts, and by then whatever the first one would have done was done.
        _clock.Jump(TimeSpan.FromSeconds(67));
        var disabled = await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().Text("status") == "disabled");
        Assert.Equal(2, _receiver.Posts.Count);
        Assert.Equal("gone", disabled.State().Text("disabled_reason"));
    }

    [Fact]
    public async Task One_failure_after_a_quiet_time_disables_nothing_and_the_notice_comes_while_it_is_quiet()
    {
        _receiver.AnswerAll(500);
        await _gateway.PublishAsync(_instance);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        _clock.Jump(TimeSpan.FromSeconds(67));
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 0);
        _clock.Jump(TimeSpan.FromDays(6));
        await WebhookCalls.UntilAsync(() => _log.Text.Contains("unless it does, it is disabled at", StringComparison.Ordinal), "a notice");

        await _gateway.PublishAsync(_instance);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        Assert.True((await _gateway.GetWebhookAsync(_instance)).GetProperty("enabled").GetBoolean());
        _clock.Jump(TimeSpan.FromSeconds(67));
        var disabled = await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().Text("status") == "disabled");
        Assert.Equal(4, _receiver.Posts.Count);
        Assert.Equal("failing", disabled.State().Text("disabled_reason"));
    }

    [Fact]
    public async Task Without_a_url_no_retry_is_taken_and_one_test_post_at_a_time()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiver.Answer = (_, _) => answer.Task;
        var test = _gateway.CallAsync(_instance, HttpMethod.Post, "/webhooks/default/test");
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 1, "the test post is out");
        Assert.Equal((409, "test_running"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, "/webhooks/default/test"));

        _receiver.AnswerAll(500);
        await _gateway.PublishAsync(_instance);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        await SetAsync(new { webhook_url = "" });
        var log = (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhook/logs/search", new { })).GetProperty("content")[0].Text("id");
        Assert.Equal((409, "webhook_without_url"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log}/retry"));
        answer.SetResult();
        Assert.True((await test).GetProperty("success").GetBoolean());
    }

    private Task<JsonElement> SetAsync(object body, string path = "/webhook") => _gateway.SetWebhookAsync(_instance, body, path);
}
