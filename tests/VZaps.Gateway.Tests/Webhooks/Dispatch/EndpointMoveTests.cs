using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>An endpoint that is moved to the log's end while a first attempt is out.</summary>
public sealed class EndpointMoveTests : IAsyncLifetime
{
    private readonly string _folder = GatewayFixture.NewFolder();
    private readonly JumpingClock _clock = new();
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await StartAsync();
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_out_is_posted_again_after_a_restart_and_what_waits_behind_it_is_left_out()
    {
        _receiver.Answer = (_, context) => _receiver.HangAsync(context);
        var ids = await _gateway.PublishAsync(_instance, count: 3);
        await PostsAsync(1);
        await _gateway.SetWebhookAsync(_instance, new { replay = false });
        Assert.Equal(0, (await _gateway.GetWebhookAsync(_instance)).State().GetProperty("missed").GetInt64());

        await _gateway.DisposeAsync();
        _receiver.AnswerAll(200);
        _gateway = await StartAsync();
        var later = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(3);
        Assert.Equal([ids[0], ids[0], later], _receiver.Posts.Select(post => post.EventId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_retry_of_everything_meanwhile_makes_no_second_delivery_of_it_and_its_slot_comes_back()
    {
        var release = new TaskCompletionSource();
        _receiver.Answer = async (_, context) =>
        {
            await release.Task;
            context.Response.StatusCode = 500;
        };
        var from = DateTimeOffset.UtcNow.AddSeconds(-1);
        var id = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(1);
        await _gateway.SetWebhookAsync(_instance, new { replay = false });
        var (_, begun) = await _gateway.SendAsync(HttpMethod.Post, $"/instances/{_instance.Id}/webhook/logs/retry", new { from }, _instance.AccessToken);
        var job = begun.GetProperty("data").Text("id");
        await WebhookCalls.UntilAsync(async () => (await _gateway.CallAsync(_instance, HttpMethod.Get, $"/webhook/jobs/{job}")).Text("state") == "done", "the job is done");
        _receiver.AnswerAll(200);
        release.SetResult();

        var later = (await _gateway.PublishAsync(_instance))[0];
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Any(post => post.EventId == later), "the next event has the slot");
        await WebhookCalls.UntilAsync(async () => (await LogsAsync()).Count(log => log.GetProperty("attempts").GetArrayLength() > 0) == 2, "both are logged");
        Assert.Equal([id, later], (await LogsAsync()).Select(log => log.Text("event_id")).Order(StringComparer.Ordinal));
    }

    private Task<GatewayFixture> StartAsync() => WebhookCalls.StartGatewayAsync(_folder, _clock, settings: [("Webhooks:Concurrency", "1"), ("Webhooks:Timeout", "00:02:00")]);

    private Task PostsAsync(int count) => WebhookCalls.UntilAsync(() => _receiver.Posts.Count >= count, $"{count} posts");

    private async Task<IReadOnlyList<JsonElement>> LogsAsync() =>
        [.. (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhook/logs/search", new { size = 100 })).GetProperty("content").EnumerateArray()];
}
