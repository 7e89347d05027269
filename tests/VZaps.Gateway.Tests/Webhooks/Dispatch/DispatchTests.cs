using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>A gateway and a receiver, over real sockets.</summary>
public sealed class DispatchTests : IAsyncLifetime
{
    private readonly JumpingClock _clock = new();
    private readonly string _folder = GatewayFixture.NewFolder();
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(_folder, _clock);
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_event_is_posted_with_its_data_and_headers_and_a_signature_that_verifies()
    {
        var webhook = await SetAsync(new { webhook_url = _receiver.Url, headers = new { X_Mine = "me" } });
        var id = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(1);
        var post = _receiver.Posts[0];
        Assert.Equal("/hook", post.Path);
        Assert.Equal("""{"type":"Message","text":"xxxxxxxxxx"}""", post.Body);
        Assert.Equal(id, post.EventId);
        Assert.Equal(_instance.Id, post.Headers["vzaps-instance-id"]);
        Assert.Equal("Message", post.Headers["vzaps-event-type"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", post.Headers["vzaps-created-at"]);
        Assert.Equal("1", post.Headers["vzaps-attempt"]);
        Assert.Equal("me", post.Headers["X_Mine"]);
        Assert.StartsWith("application/json", post.Headers["Content-Type"]);
        Assert.Equal(Signature(webhook.Text("secret")!, post), post.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task With_the_body_envelope_the_whole_event_is_posted()
    {
        await SetAsync(new { webhook_url = _receiver.Url, body = "envelope" });
        var id = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(1);
        var body = JsonSerializer.Deserialize<JsonElement>(_receiver.Posts[0].Body);
        Assert.Equal(id, body.Text("id"));
        Assert.Equal(_receiver.Posts[0].Headers["vzaps-created-at"], body.Text("created_at"));
        Assert.Equal("Message", body.GetProperty("data").Text("type"));
    }

    [Fact]
    public async Task Only_the_types_that_it_takes_are_posted_and_nothing_from_before_it_was_made()
    {
        await _gateway.PublishAsync(_instance);
        await SetAsync(new { webhook_url = _receiver.Url, events = "Presence" });
        await _gateway.PublishAsync(_instance, count: 3);
        var id = (await _gateway.PublishAsync(_instance, type: "Presence"))[0];
        await PostsAsync(1);
        Assert.Equal(id, _receiver.Posts[0].EventId);
    }

    [Fact]
    public async Task A_failed_attempt_is_made_again_by_the_schedule_and_with_the_same_id()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(500);
        var id = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(1);
        await PendingAsync(1);
        await StaysAsync(1);
        foreach (var (attempt, wait) in new[] { (2, 6), (3, 331), (4, 1981) })
        {
            _clock.Jump(TimeSpan.FromSeconds(wait));
            await PostsAsync(attempt);
            Assert.Equal(attempt, _receiver.Posts[^1].Attempt);
            Assert.Equal(id, _receiver.Posts[^1].EventId);
            await AttemptsAsync(attempt);
        }

        _receiver.AnswerAll(204);
        _clock.Jump(TimeSpan.FromHours(3));
        await PostsAsync(5);
        await PendingAsync(0);
        _clock.Jump(TimeSpan.FromDays(2));
        await StaysAsync(5);
    }

    [Fact]
    public async Task After_the_last_attempt_it_has_failed()
    {
        await RestartAsync(("Webhooks:RetrySchedule", "00:00:00.1,00:00:00.1"));
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(404);
        await _gateway.PublishAsync(_instance);
        await PostsAsync(3);
        await PendingAsync(0);
        Assert.Equal("failed", Assert.Single(await LogsAsync()).Text("status"));
        await StaysAsync(3);
    }

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };
        await _gateway.PublishAsync(_instance);
        await PostsAsync(1);
        await PendingAsync(1);
        _clock.Jump(TimeSpan.FromMinutes(50));
        await StaysAsync(1);
        _clock.Jump(TimeSpan.FromMinutes(17));
        await PostsAsync(2);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_that_says_so_and_is_not_followed()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.Answer = (_, context) =>
        {
            context.Response.Redirect(_receiver.UrlOf("/elsewhere"));
            return Task.CompletedTask;
        };
        await _gateway.PublishAsync(_instance);
        await PendingAsync(1);
        Assert.DoesNotContain(_receiver.Posts, post => post.Path == "/elsewhere");
        Assert.Contains("redirect", (await LogsAsync())[0].GetProperty("attempts")[0].Text("error"));
    }

    [Fact]
    public async Task An_answer_of_410_disables_it_at_once_and_setting_its_url_enables_it_again()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(410);
        var first = (await _gateway.PublishAsync(_instance))[0];
        var disabled = await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().Text("status") == "disabled");
        Assert.Equal("gone", disabled.State().Text("disabled_reason"));
        Assert.False(disabled.GetProperty("enabled").GetBoolean());
        var missed = await _gateway.PublishAsync(_instance, count: 3);
        Assert.Equal(3, (await _gateway.GetWebhookAsync(_instance)).State().GetProperty("missed").GetInt64());
        await StaysAsync(1);

        _receiver.AnswerAll(200);
        await SetAsync(new { webhook_url = _receiver.Url });
        _clock.Jump(TimeSpan.FromSeconds(6));
        await PostsAsync(5);
        Assert.Equal([first, .. missed], _receiver.Posts.Select(post => post.EventId).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Enabled_without_replay_it_goes_on_at_the_logs_end()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        await SetAsync(new { enabled = false });
        await _gateway.PublishAsync(_instance, count: 3);
        var enabled = await SetAsync(new { enabled = true, replay = false });
        Assert.Equal(0, enabled.State().GetProperty("missed").GetInt64());
        var id = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(1);
        Assert.Equal(id, _receiver.Posts[0].EventId);
    }

    [Fact]
    public async Task Enabled_again_it_delivers_what_it_missed()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        Assert.Equal("user", (await SetAsync(new { enabled = false })).State().Text("disabled_reason"));
        var ids = await _gateway.PublishAsync(_instance, count: 3);
        await SetAsync(new { enabled = true });
        await PostsAsync(3);
        Assert.Equal(ids, _receiver.Posts.Select(post => post.EventId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Five_days_without_one_success_disable_it_with_notice_before()
    {
        using var log = new CapturedLog();
        await RestartAsync(log, ("Webhooks:RetrySchedule", "1.00:00:00,1.00:00:00,1.00:00:00,1.00:00:00,1.00:00:00,1.00:00:00,1.00:00:00,1.00:00:00"));
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(503);
        await _gateway.PublishAsync(_instance);
        await PendingAsync(1);
        var failing = await _gateway.GetWebhookAsync(_instance);
        Assert.Equal("failing", failing.State().Text("status"));
        var since = failing.State().GetProperty("failing_since").GetDateTimeOffset();
        Assert.Equal(since.AddDays(5), failing.State().GetProperty("disables_at").GetDateTimeOffset());
        for (var day = 1; day <= 5; day++)
        {
            Assert.True((await _gateway.GetWebhookAsync(_instance)).GetProperty("enabled").GetBoolean());
            _clock.Jump(TimeSpan.FromHours(27));
            await PostsAsync(day + 1);
            await AttemptsAsync(day + 1);
            if (day == 1)
                await WebhookCalls.UntilAsync(() => log.Text.Contains("unless it does, it is disabled at", StringComparison.Ordinal), "a notice after a day");
        }

        var disabled = await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().Text("status") == "disabled");
        Assert.Equal("failing", disabled.State().Text("disabled_reason"));
        Assert.Equal(1, disabled.State().GetProperty("pending").GetInt32());
        await WebhookCalls.UntilAsync(() => log.Text.Contains("was disabled: it took no event since", StringComparison.Ordinal), "a notice of the end");
    }

    [Fact]
    public async Task One_success_begins_the_five_days_anew()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(503);
        await _gateway.PublishAsync(_instance);
        await PendingAsync(1);
        Assert.NotEqual(JsonValueKind.Null, (await _gateway.GetWebhookAsync(_instance)).State().GetProperty("failing_since").ValueKind);
        _receiver.AnswerAll(200);
        await _gateway.PublishAsync(_instance);
        var well = await _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().Text("status") == "active");
        Assert.Equal(JsonValueKind.Null, well.State().GetProperty("failing_since").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, well.State().GetProperty("last_success_at").ValueKind);
    }

    [Fact]
    public async Task After_a_rotation_posts_are_signed_with_both_secrets_for_a_day_and_then_with_the_new_one()
    {
        var old = (await SetAsync(new { webhook_url = _receiver.Url })).Text("secret")!;
        var rotated = (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhooks/default/secret/rotate")).Text("secret")!;
        Assert.NotEqual(old, rotated);
        await _gateway.PublishAsync(_instance);
        await PostsAsync(1);
        Assert.Equal($"{Signature(rotated, _receiver.Posts[0])} {Signature(old, _receiver.Posts[0])}", _receiver.Posts[0].Headers["webhook-signature"]);
        _clock.Jump(TimeSpan.FromHours(24));
        await _gateway.PublishAsync(_instance);
        await PostsAsync(2);
        Assert.Equal(Signature(rotated, _receiver.Posts[1]), _receiver.Posts[1].Headers["webhook-signature"]);
    }

    [Fact]
    public async Task What_is_pending_survives_a_restart_and_what_was_delivered_is_not_posted_again()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        var delivered = await _gateway.PublishAsync(_instance, count: 5);
        await PostsAsync(5);
        _receiver.AnswerAll(500);
        var pending = await _gateway.PublishAsync(_instance, count: 2);
        await PostsAsync(7);
        await PendingAsync(2);

        await RestartAsync();
        _receiver.AnswerAll(200);
        Assert.Equal(2, (await _gateway.GetWebhookAsync(_instance)).State().GetProperty("pending").GetInt32());
        _clock.Jump(TimeSpan.FromSeconds(6));
        var later = (await _gateway.PublishAsync(_instance))[0];
        await PostsAsync(10);
        await PendingAsync(0);
        var posts = _receiver.Posts.GroupBy(post => post.EventId, StringComparer.Ordinal).ToDictionary(of => of.Key, of => of.Count(), StringComparer.Ordinal);
        Assert.All(delivered, id => Assert.Equal(1, posts[id]));
        Assert.All(pending, id => Assert.Equal(2, posts[id]));
        Assert.Equal(1, posts[later]);
    }

    [Fact]
    public async Task What_was_published_while_the_gateway_was_away_is_posted_in_full()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.Answer = (_, context) => _receiver.HangAsync(context);
        var ids = await _gateway.PublishAsync(_instance, count: 30);
        await PostsAsync(10);
        await RestartAsync();
        _receiver.AnswerAll(200);
        await WebhookCalls.UntilAsync(() => ids.All(id => _receiver.Posts.Any(post => post.EventId == id)), "all of them");
        await PendingAsync(0);
        // Those that were out at the stop come twice, and no others.
        Assert.Equal(10, _receiver.Posts.GroupBy(post => post.EventId, StringComparer.Ordinal).Count(of => of.Count() > 1));
    }

    [Fact]
    public async Task An_endpoint_that_hangs_delays_no_other()
    {
        await RestartAsync(("Webhooks:MaxInFlight", "4"), ("Webhooks:Timeout", "00:01:00"));
        await SetAsync(new { webhook_url = _receiver.UrlOf("/hangs") });
        await SetAsync(new { webhook_url = _receiver.UrlOf("/well") }, "/webhooks/well");
        _receiver.Answer = (post, context) => post.Path == "/hangs" ? _receiver.HangAsync(context) : Task.CompletedTask;
        var ids = await _gateway.PublishAsync(_instance, count: 50);
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count(post => post.Path == "/well") == ids.Length, "the other one has all");
        Assert.InRange(_receiver.Posts.Count(post => post.Path == "/hangs"), 1, 5);
    }

    [Fact]
    public async Task An_endpoint_without_an_answer_in_time_has_failed()
    {
        await RestartAsync(("Webhooks:Timeout", "00:00:00.2"));
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.Answer = (_, context) => _receiver.HangAsync(context);
        await _gateway.PublishAsync(_instance);
        await PendingAsync(1);
        Assert.Equal("No answer within 0.2 s.", (await LogsAsync())[0].GetProperty("attempts")[0].Text("error"));
    }

    [Fact]
    public async Task A_status_counts_also_where_the_rest_of_the_answer_never_comes()
    {
        await RestartAsync(("Webhooks:Timeout", "00:00:00.5"));
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.Answer = async (_, context) =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await _receiver.HangAsync(context);
        };
        await _gateway.PublishAsync(_instance);
        await WebhookCalls.UntilAsync(() => LogsAsync().Result.Count == 1, "logged");
        var log = (await LogsAsync())[0];
        Assert.Equal("delivered", log.Text("status"));
        Assert.Equal("begun", log.GetProperty("attempts")[0].Text("response"));
    }

    [Fact]
    public async Task At_its_limit_of_pending_deliveries_it_reads_no_further()
    {
        await RestartAsync(("Webhooks:MaxPendingPerEndpoint", "3"));
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(500);
        await _gateway.PublishAsync(_instance, count: 10);
        await PendingAsync(3);
        await StaysAsync(3);
        _receiver.AnswerAll(200);
        _clock.Jump(TimeSpan.FromSeconds(6));
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Select(post => post.EventId).Distinct().Count() == 10, "all of them in the end");
    }

    [Fact]
    public async Task A_deleted_endpoint_is_posted_nothing_more_and_what_it_had_pending_is_cancelled()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(500);
        await _gateway.PublishAsync(_instance, count: 2);
        await PendingAsync(2);
        Assert.Equal(2, (await _gateway.CallAsync(_instance, HttpMethod.Delete, "/webhooks/default")).GetProperty("cancelled").GetInt32());
        _clock.Jump(TimeSpan.FromMinutes(10));
        await _gateway.PublishAsync(_instance);
        await StaysAsync(2);
        Assert.All(await LogsAsync(), log => Assert.Equal("cancelled", log.Text("status")));
    }

    [Fact]
    public async Task With_the_order_chat_an_event_that_fails_holds_back_its_own_chat_and_no_other()
    {
        await SetAsync(new { webhook_url = _receiver.Url, order = "chat" });
        _receiver.Answer = (post, context) =>
        {
            context.Response.StatusCode = post.Body.Contains("bad", StringComparison.Ordinal) ? 500 : 200;
            return Task.CompletedTask;
        };
        var bad = await _gateway.PublishChatAsync(_instance, "a", "bad");
        await PendingAsync(1);
        var (a1, a2) = (await _gateway.PublishChatAsync(_instance, "a"), await _gateway.PublishChatAsync(_instance, "a"));
        var b = await _gateway.PublishChatAsync(_instance, "b");
        await PendingAsync(3);
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Any(post => post.EventId == b), "the other chat goes on");
        Assert.Equal([bad, b], _receiver.Posts.Select(post => post.EventId));

        _receiver.AnswerAll(200);
        _clock.Jump(TimeSpan.FromSeconds(6));
        await PostsAsync(5);
        Assert.Equal([bad, b, bad, a1, a2], _receiver.Posts.Select(post => post.EventId));
        await PendingAsync(0);
    }

    [Fact]
    public async Task What_is_held_back_goes_after_an_hour_also_over_a_restart()
    {
        await SetAsync(new { webhook_url = _receiver.Url, order = "chat" });
        _receiver.Answer = (post, context) =>
        {
            context.Response.StatusCode = post.Body.Contains("bad", StringComparison.Ordinal) ? 500 : 200;
            return Task.CompletedTask;
        };
        await _gateway.PublishChatAsync(_instance, "a", "bad");
        await PendingAsync(1);
        var held = await _gateway.PublishChatAsync(_instance, "a");
        await PendingAsync(2);
        await RestartAsync();
        _clock.Jump(TimeSpan.FromMinutes(50));
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Count == 2, "the bad one is tried again");
        Assert.DoesNotContain(_receiver.Posts, post => post.EventId == held);
        _clock.Jump(TimeSpan.FromMinutes(11));
        await WebhookCalls.UntilAsync(() => _receiver.Posts.Any(post => post.EventId == held), "the held one goes");
        await PendingAsync(1);
    }

    [Fact]
    public async Task Events_of_one_chat_arrive_in_order_however_many_come_at_once()
    {
        await SetAsync(new { webhook_url = _receiver.Url, order = "chat" });
        var ids = new List<string>();
        for (var i = 0; i < 40; i++)
            ids.Add(await _gateway.PublishChatAsync(_instance, "a"));
        await PostsAsync(40);
        Assert.Equal(ids, _receiver.Posts.Select(post => post.EventId));
    }

    [Fact]
    public async Task A_retry_by_hand_works_on_a_disabled_endpoint_and_changes_nothing_of_it()
    {
        await SetAsync(new { webhook_url = _receiver.Url });
        _receiver.AnswerAll(500);
        var id = (await _gateway.PublishAsync(_instance))[0];
        await PendingAsync(1);
        await SetAsync(new { enabled = false });
        var before = (await _gateway.GetWebhookAsync(_instance)).State().GetRawText();
        var log = (await LogsAsync())[0];

        await _gateway.CallAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log.Text("id")}/retry");
        await AttemptsAsync(2);
        Assert.Equal(before, (await _gateway.GetWebhookAsync(_instance)).State().GetRawText());
        Assert.Equal(log.Text("next_attempt_at"), (await LogsAsync())[0].Text("next_attempt_at"));

        _receiver.AnswerAll(200);
        await _gateway.CallAsync(_instance, HttpMethod.Post, $"/webhook/logs/{log.Text("id")}/retry");
        await AttemptsAsync(3);
        Assert.Equal([id, id, id], _receiver.Posts.Select(post => post.EventId));
        log = (await LogsAsync())[0];
        Assert.Equal("delivered", log.Text("status"));
        Assert.Equal([false, true, true], log.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("manual").GetBoolean()));
        var after = (await _gateway.GetWebhookAsync(_instance)).State();
        Assert.Equal(JsonValueKind.Null, after.GetProperty("last_success_at").ValueKind);
        Assert.Equal("disabled", after.Text("status"));
    }

    private Task<JsonElement> SetAsync(object body, string path = "/webhook") => _gateway.SetWebhookAsync(_instance, body, path);

    private Task PostsAsync(int count) => WebhookCalls.UntilAsync(() => _receiver.Posts.Count >= count, $"{count} posts");

    private Task PendingAsync(int count) => _gateway.UntilWebhookAsync(_instance, webhook => webhook.State().GetProperty("pending").GetInt32() == count);

    private Task AttemptsAsync(int count) =>
        WebhookCalls.UntilAsync(() => LogsAsync().Result is [var log] && log.GetProperty("attempts").GetArrayLength() == count, $"{count} attempts in the log");

    /// <summary>Nothing more is posted while an endpoint of another instance takes an event that is published now.</summary>
    private async Task StaysAsync(int count)
    {
        await using var witness = await WebhookReceiver.StartAsync();
        var other = await _gateway.NewInstanceAsync();
        await _gateway.SetWebhookAsync(other, new { webhook_url = witness.Url });
        await _gateway.PublishAsync(other);
        await WebhookCalls.UntilAsync(() => witness.Posts.Count == 1, "the witness has its event");
        Assert.Equal(count, _receiver.Posts.Count);
    }

    private async Task<IReadOnlyList<JsonElement>> LogsAsync() =>
        [.. (await _gateway.CallAsync(_instance, HttpMethod.Post, "/webhook/logs/search", new { endpoint = "default" })).GetProperty("content").EnumerateArray()];

    private Task RestartAsync(params (string Key, string Value)[] settings) => RestartAsync(log: null, settings);

    private async Task RestartAsync(CapturedLog? log, params (string Key, string Value)[] settings)
    {
        await _gateway.DisposeAsync();
        _gateway = await WebhookCalls.StartGatewayAsync(_folder, _clock, log, settings);
    }

    private static string Signature(string secret, ReceivedPost post)
    {
        var signed = $"{post.EventId}.{post.Headers["webhook-timestamp"]}.{post.Body}";
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes(signed)));
    }
}
