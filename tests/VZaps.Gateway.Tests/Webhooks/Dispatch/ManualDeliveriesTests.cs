using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>What somebody asks for, beside what the schedule does.</summary>
public sealed class ManualDeliveriesTests : IAsyncLifetime
{
    private readonly JumpingClock _clock = new();
    private readonly SemaphoreSlim _permits = new(0);
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        await StartAsync(concurrency: 1);
    }

    public async ValueTask DisposeAsync()
    {
        _permits.Release(1_000);
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
        _permits.Dispose();
    }

    [Fact]
    public async Task What_was_delivered_by_hand_is_not_posted_again_by_the_schedule_that_had_read_it_before()
    {
        await FailAsync(4);
        AnswerByPermit(500);
        _clock.Jump(TimeSpan.FromMinutes(12));
        // One is out; the loop has read the others as due with it.
        await PostsAsync(5);
        var byHand = (await LogsAsync()).Where(log => log.Text("event_id") != _receiver.Posts[4].EventId).ToList();
        foreach (var log in byHand)
            await _gateway.CallAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log.Text("id")}/retry");
        _receiver.AnswerAll(200);
        _permits.Release();
        await WebhookCalls.UntilAsync(async () => (await LogsAsync()).Count(log => log.Text("status") == "delivered") == 3, "those are delivered");

        // What would come a second time would come before the last of these.
        await _gateway.PublishAsync(_instance, count: 8);
        await WebhookCalls.UntilAsync(async () => (await LogsAsync()).Count(log => log.Text("status") == "delivered") == 11, "the later ones are delivered");
        Assert.All(byHand, log => Assert.Equal(2, _receiver.Posts.Count(post => post.EventId == log.Text("event_id"))));
        Assert.Equal(1, (await _gateway.GetWebhookAsync(_instance)).State().GetProperty("pending").GetInt32());
    }

    [Fact]
    public async Task A_retry_of_many_lets_new_events_and_those_that_are_due_have_their_turns()
    {
        var due = await FailAsync(1);
        _clock.Jump(TimeSpan.FromMinutes(5));
        await FailAsync(12);
        AnswerByPermit(200);
        var ask = (await LogsAsync()).Where(log => log.Text("event_id") != due[0]).ToList();
        foreach (var log in ask)
            await _gateway.CallAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log.Text("id")}/retry");
        await PostsAsync(14);
        var live = (await _gateway.PublishAsync(_instance))[0];
        _clock.Jump(TimeSpan.FromMinutes(6.1));
        for (var posts = 15; posts <= 19; posts++)
        {
            _permits.Release();
            await PostsAsync(posts);
        }

        Assert.Contains(_receiver.Posts.Skip(14), post => post.EventId == live);
        Assert.Contains(_receiver.Posts.Skip(14), post => post.EventId == due[0]);
        _permits.Release(1_000);
        await WebhookCalls.UntilAsync(async () => (await LogsAsync()).All(log => log.Text("status") == "delivered"), "all are delivered");
        Assert.Equal(13 + 13 + 1, _receiver.Posts.Count);
    }

    [Fact]
    public async Task Retries_by_hand_that_hang_leave_half_of_the_attempts_to_those_that_wait()
    {
        await _gateway.DisposeAsync();
        await StartAsync(concurrency: 4);
        var hanging = await FailAsync(8);
        AnswerByPermit(200);
        var live = await _gateway.PublishAsync(_instance, count: 24);
        await PostsAsync(8 + 4);
        foreach (var log in (await LogsAsync()).Where(log => hanging.Contains(log.Text("event_id"))))
            await _gateway.CallAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log.Text("id")}/retry");
        _receiver.Answer = (post, context) => hanging.Contains(post.EventId) ? _receiver.HangAsync(context) : Task.CompletedTask;
        _permits.Release(4);
        await WebhookCalls.UntilAsync(() => live.All(id => _receiver.Posts.Any(post => post.EventId == id)), "the others are posted meanwhile");
    }

    private async Task StartAsync(int concurrency)
    {
        _gateway = await WebhookCalls.StartGatewayAsync(clock: _clock, settings:
            [("Webhooks:Concurrency", concurrency.ToString()), ("Webhooks:Timeout", "00:02:00"), ("Webhooks:RetrySchedule", "00:10:00,00:10:00")]);
        _instance = await _gateway.NewInstanceAsync();
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
    }

    private async Task<string[]> FailAsync(int count)
    {
        _receiver.AnswerAll(500);
        var posts = _receiver.Posts.Count;
        var ids = await _gateway.PublishAsync(_instance, count);
        await PostsAsync(posts + count);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == posts + count);
        return ids;
    }

    private void AnswerByPermit(int status) => _receiver.Answer = async (_, context) =>
    {
        await _permits.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = status;
    };

    private Task PostsAsync(int count) => WebhookCalls.UntilAsync(() => _receiver.Posts.Count >= count, $"{count} posts");

    private async Task<IReadOnlyList<JsonElement>> LogsAsync() =>
        [.. (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhook/logs/search", new { size = 100 })).GetProperty("content").EnumerateArray()];
}
