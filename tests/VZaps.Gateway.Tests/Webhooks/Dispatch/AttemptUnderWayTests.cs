using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>What comes of an attempt by hand that is under way when its endpoint is deleted, or when it is asked for again.</summary>
public sealed class AttemptUnderWayTests : IAsyncLifetime
{
    private readonly JumpingClock _clock = new();
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(clock: _clock, settings: [("Webhooks:Concurrency", "1"), ("Webhooks:RetrySchedule", "00:01:00")]);
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(500);
    }

    public async ValueTask DisposeAsync()
    {
        _answers.TrySetResult();
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task An_attempt_by_hand_that_ends_after_its_endpoint_leaves_nothing_pending()
    {
        await _gateway.PublishAsync(_instance);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        HoldAnswers();
        await RetryAsync(await LogIdsAsync());
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 2, "it is out");
        await _gateway.CallAsync(_instance, HttpMethod.Delete, "/webhooks/default");
        _answers.SetResult();
        await LogsBecomeAsync(log => (log.Text("status"), log.GetProperty("attempts").GetArrayLength()) == ("cancelled", 2), "cancelled");
    }

    [Fact]
    public async Task A_retry_that_was_asked_for_and_not_made_is_not_asked_for_any_more()
    {
        await _gateway.PublishAsync(_instance, count: 2);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 2);
        _clock.Jump(TimeSpan.FromSeconds(67));
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 0);
        HoldAnswers();
        await RetryAsync(await LogIdsAsync());
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 5, "one of them is out");
        await _gateway.CallAsync(_instance, HttpMethod.Delete, "/webhooks/default");
        _answers.SetResult();
        await LogsBecomeAsync(log => log.Text("status") == "failed" && !log.GetProperty("retry_asked").GetBoolean(), "failed, and not asked for");
    }

    [Fact]
    public async Task What_is_asked_for_while_it_is_out_by_hand_is_made_once_more()
    {
        await _gateway.PublishAsync(_instance);
        await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
        HoldAnswers();
        await RetryAsync(await LogIdsAsync());
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 2, "it is out");
        // It was mended, and is asked for again.
        _receiver.AnswerAll(200);
        await RetryAsync(await LogIdsAsync());
        _answers.SetResult();
        await LogsBecomeAsync(log => (log.Text("status"), log.GetProperty("attempts").GetArrayLength()) == ("delivered", 3), "delivered by the second retry");
    }

    private void HoldAnswers() => _receiver.Answer = async (_, context) =>
    {
        await _answers.Task;
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
    };

    private async Task RetryAsync(IEnumerable<string> logs)
    {
        foreach (var log in logs)
            await _gateway.CallAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log}/retry");
    }

    private async Task<IReadOnlyList<string>> LogIdsAsync() => [.. (await LogsAsync()).Select(log => log.Text("id")!)];

    private async Task<IReadOnlyList<System.Text.Json.JsonElement>> LogsAsync() =>
        [.. (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhook/logs/search", new { endpoint = "default" })).GetProperty("content").EnumerateArray()];

    private async Task LogsBecomeAsync(Func<System.Text.Json.JsonElement, bool> condition, string what) =>
        Assert.True(await Eventually.HoldsAsync(async () => (await LogsAsync()).All(condition), seconds: 30), what);
}
