using System.Text.Json;
using Microsoft.Data.Sqlite;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

/// <summary>The routes of the logs, over what a receiver really answered.</summary>
public sealed class LogRouteTests : IAsyncLifetime
{
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(settings: ("Webhooks:RetrySchedule", "01:00:00"));
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_log_says_what_was_sent_and_what_was_answered()
    {
        _receiver.AnswerAll(503);
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url, headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["X-Key"] = "hush-hush" } });
        var eventId = (await _gateway.PublishAsync(_instance))[0];
        var listed = (await LogsAsync(1))[0];
        var log = await GetAsync(listed.Text("id")!);

        Assert.Equal((eventId, "Message", "default", "pending", 503), (log.Text("event_id"), log.Text("event_type"), log.Text("endpoint"), log.Text("status"), log.GetProperty("http_status").GetInt32()));
        Assert.True(log.GetProperty("next_attempt_at").GetDateTimeOffset() > log.GetProperty("created_at").GetDateTimeOffset());
        var attempt = Assert.Single(log.GetProperty("attempts").EnumerateArray());
        Assert.Equal(("status 503", false), (attempt.Text("response"), attempt.GetProperty("manual").GetBoolean()));
        Assert.True(attempt.GetProperty("duration_ms").GetInt64() >= 0);
        Assert.NotNull(attempt.Text("error"));
        var (request, post) = (log.GetProperty("request"), _receiver.Posts[0]);
        Assert.Equal(_receiver.Url, request.Text("url"));
        Assert.Equal(post.Body, request.GetProperty("body").GetRawText());
        var headers = request.GetProperty("headers").EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString(), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(post.Headers["webhook-signature"], headers["webhook-signature"]);
        Assert.Equal(eventId, headers["webhook-id"]);
        Assert.DoesNotContain("hush-hush", log.GetRawText());
        Assert.Equal("hush-hush", post.Headers["X-Key"]);
        Assert.False(listed.TryGetProperty("request", out _));
    }

    [Fact]
    public async Task A_retry_delivers_once_more_and_the_log_has_both_attempts()
    {
        _receiver.AnswerAll(500);
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        await _gateway.PublishAsync(_instance);
        var id = (await LogsAsync(1))[0].Text("id")!;
        _receiver.AnswerAll(200);
        Assert.Equal(id, (await CallAsync(HttpMethod.Post, $"/{id}/retry")).Text("id"));
        await UntilAsync(async () => (await GetAsync(id)).Text("status") == "delivered");

        var log = await GetAsync(id);
        Assert.Equal([(500, false), (200, true)], log.GetProperty("attempts").EnumerateArray().Select(attempt => (attempt.GetProperty("http_status").GetInt32(), attempt.GetProperty("manual").GetBoolean())));
        Assert.False(log.GetProperty("retry_asked").GetBoolean());
        Assert.Equal(_receiver.Posts[0].EventId, _receiver.Posts[1].EventId);
    }

    [Fact]
    public async Task Logs_are_found_by_each_filter_in_both_spellings()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.UrlOf("/a") });
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.UrlOf("/b"), events = "Presence" }, "/webhooks/second");
        _receiver.Answer = (post, context) =>
        {
            context.Response.StatusCode = post.Path == "/b" ? 404 : 200;
            return Task.CompletedTask;
        };
        await _gateway.PublishAsync(_instance, count: 3);
        var presence = (await _gateway.PublishAsync(_instance, type: "Presence"))[0];
        var all = await LogsAsync(5);

        Assert.Equal(5, await CountAsync(new { }));
        Assert.Equal(4, await CountAsync(new { status = "delivered" }));
        Assert.Equal(1, await CountAsync(new { status = "pending" }));
        Assert.Equal(1, await CountAsync(new { http_status = 404 }));
        Assert.Equal(1, await CountAsync(new { httpStatus = 404 }));
        Assert.Equal(1, await CountAsync(new { endpoint = "second" }));
        Assert.Equal(2, await CountAsync(new { event_type = "Presence" }));
        Assert.Equal(5, await CountAsync(new { eventType = "All", status = "", endpoint = "", event_id = "" }));
        Assert.Equal(2, await CountAsync(new { event_id = presence }));
        Assert.Equal(1, await CountAsync(new { event_id = presence, endpoint = "default", http_status = 200 }));
        var newest = all[0].GetProperty("created_at").GetDateTimeOffset();
        Assert.Equal(0, await CountAsync(new { from = newest.AddMilliseconds(1) }));
        Assert.Equal(5, await CountAsync(new { to = newest.AddMilliseconds(1) }));
        Assert.Equal(all.Count(log => log.GetProperty("created_at").GetDateTimeOffset() >= newest), await CountAsync(new { from = newest }));
    }

    [Fact]
    public async Task Pages_go_on_after_a_log_to_the_last_and_count_nothing()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        await _gateway.PublishAsync(_instance, count: 5);
        var all = (await LogsAsync(5)).Select(log => log.Text("id")).ToList();
        var first = await SearchAsync(new { size = 2 });
        Assert.Equal((1, 2, 5, 3), (first.GetProperty("page").GetInt32(), first.GetProperty("size").GetInt32(), first.GetProperty("total").GetInt32(), first.GetProperty("total_pages").GetInt32()));
        var (ids, next) = (Ids(first), first.Text("next_after"));
        while (next is not null)
        {
            var page = await SearchAsync(new { size = 2, after = next });
            Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (page.GetProperty("total").ValueKind, page.GetProperty("total_pages").ValueKind));
            ids = [.. ids, .. Ids(page)];
            next = page.Text("next_after");
        }

        Assert.Equal(all, ids);
        Assert.Equal(all[4..], Ids(await SearchAsync(new { page = 3, size = 2 })));
    }

    [Theory]
    [InlineData("""{"status":"lost"}""", 400, "invalid_status")]
    [InlineData("""{"http_status":99}""", 400, "invalid_http_status")]
    [InlineData("""{"http_status":600}""", 400, "invalid_http_status")]
    [InlineData("""{"http_status":"500"}""", 400, "invalid_body")]
    [InlineData("""{"event_type":"message"}""", 400, "unknown_event_type")]
    [InlineData("""{"event_id":"evt_1"}""", 400, "invalid_event_id")]
    [InlineData("""{"event_id":"evt_00000000000000000000000000"}""", 400, "unknown_event")]
    [InlineData("""{"from":"yesterday"}""", 400, "invalid_body")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","to":"2026-01-02T00:00:00Z"}""", 400, "invalid_range")]
    [InlineData("""{"page":0}""", 400, "invalid_page")]
    [InlineData("""{"size":0}""", 400, "invalid_page")]
    [InlineData("""{"size":201}""", 400, "invalid_page")]
    [InlineData("""{"after":"whl_1"}""", 400, "invalid_log_id")]
    [InlineData("""{"after":"whl_0000000000001","page":2}""", 400, "invalid_page")]
    [InlineData("""{"endpoint":"nobody"}""", 404, "webhook_not_found")]
    [InlineData("""{"size":""", 400, "invalid_json")]
    public async Task A_search_that_cannot_be_meant_is_refused(string body, int status, string code) =>
        Assert.Equal((status, code), await _gateway.RefusalAsync(_instance, HttpMethod.Post, "/webhook/logs/search", body));

    [Fact]
    public async Task An_instance_without_a_webhook_has_no_logs()
    {
        Assert.Equal(0, await CountAsync(new { }));
        Assert.Equal(0, await CountAsync(new { endpoint = "default" }));
        var id = LogId.ToText(LogId.FirstOf(DateTimeOffset.UtcNow));
        Assert.Equal((404, "log_not_found"), await _gateway.RefusalAsync(_instance, HttpMethod.Get, $"/webhook/logs/{id}"));
        Assert.Equal((404, "log_not_found"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, $"/webhook/logs/{id}/retry"));
        Assert.Equal((400, "invalid_log_id"), await _gateway.RefusalAsync(_instance, HttpMethod.Get, "/webhook/logs/whl_x"));
    }

    [Fact]
    public async Task A_log_is_its_owners_alone()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        await _gateway.PublishAsync(_instance);
        var id = (await LogsAsync(1))[0].Text("id");
        var other = await _gateway.NewInstanceAsync();
        Assert.Equal((404, "log_not_found"), await _gateway.RefusalAsync(other, HttpMethod.Get, $"/webhook/logs/{id}"));
        var (status, _) = await _gateway.SendAsync(HttpMethod.Get, $"/instances/{_instance.Id}/webhook/logs/{id}");
        Assert.Equal(401, status);
    }

    [Fact]
    public async Task A_log_whose_webhook_was_deleted_is_kept_and_cannot_be_retried()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url }, "/webhooks/second");
        await _gateway.PublishAsync(_instance);
        var id = (await LogsAsync(1))[0].Text("id")!;
        await _gateway.CallAsync(_instance, HttpMethod.Delete, "/webhooks/second");
        Assert.Equal("delivered", (await GetAsync(id)).Text("status"));
        Assert.Equal(1, await CountAsync(new { endpoint = "second" }));
        Assert.Equal((409, "webhook_deleted"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, $"/webhook/logs/{id}/retry"));
    }

    [Fact]
    public async Task Without_its_own_copy_a_log_has_its_event_from_the_event_log_and_without_both_it_says_so()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        await _gateway.PublishAsync(_instance);
        var id = (await LogsAsync(1))[0].Text("id")!;
        await ExecuteAsync("DELETE FROM webhook_payloads");
        Assert.Equal(_receiver.Posts[0].Body, (await GetAsync(id)).GetProperty("request").GetProperty("body").GetRawText());
        await CallAsync(HttpMethod.Post, $"/{id}/retry");
        await UntilAsync(() => Task.FromResult(_receiver.Posts.Count == 2));

        // As if it were of a log that was begun anew.
        await UntilAsync(async () => (await GetAsync(id)).GetProperty("attempts").GetArrayLength() == 2);
        await ExecuteAsync("""DELETE FROM webhook_payloads; UPDATE webhook_deliveries SET "Sequence" = -1""");
        Assert.Equal(JsonValueKind.Null, (await GetAsync(id)).GetProperty("request").GetProperty("body").ValueKind);
        Assert.Equal((409, "event_gone"), await _gateway.RefusalAsync(_instance, HttpMethod.Post, $"/webhook/logs/{id}/retry"));
    }

    [Fact]
    public async Task The_logs_go_with_their_instance()
    {
        await _gateway.SetWebhookAsync(_instance, new { webhook_url = _receiver.Url });
        await _gateway.PublishAsync(_instance, count: 3);
        await LogsAsync(3);
        var other = await _gateway.NewInstanceAsync();
        await _gateway.SetWebhookAsync(other, new { webhook_url = _receiver.Url });
        var (status, _) = await _gateway.SendAsync(HttpMethod.Delete, $"/instances/{_instance.Id}", accessToken: _instance.AccessToken);
        Assert.Equal(204, status);
        await UntilAsync(async () => await CountRowsAsync("webhook_deliveries") + await CountRowsAsync("webhook_attempts") + await CountRowsAsync("webhook_payloads") == 0);
        await UntilAsync(async () => await CountRowsAsync("webhook_endpoints") == 1);
    }

    private Task<JsonElement> CallAsync(HttpMethod method, string path, object? body = null) => _gateway.CallAsync(_instance, method, "/webhook/logs" + path, body);

    private Task<JsonElement> SearchAsync(object body) => CallAsync(HttpMethod.Post, "/search", body);

    private Task<JsonElement> GetAsync(string id) => CallAsync(HttpMethod.Get, "/" + id);

    private async Task<int> CountAsync(object body)
    {
        var page = await SearchAsync(body);
        Assert.Equal(page.GetProperty("total").GetInt32(), page.GetProperty("content").GetArrayLength());
        return page.GetProperty("total").GetInt32();
    }

    /// <summary>Waits for so many logs.</summary>
    private async Task<JsonElement[]> LogsAsync(int count)
    {
        JsonElement[] logs = [];
        await UntilAsync(async () => (logs = [.. (await SearchAsync(new { })).GetProperty("content").EnumerateArray()]).Length == count);
        return logs;
    }

    private static string?[] Ids(JsonElement page) => [.. page.GetProperty("content").EnumerateArray().Select(log => log.Text("id"))];

    private static async Task UntilAsync(Func<Task<bool>> condition) => Assert.True(await Eventually.HoldsAsync(condition, seconds: 30));

    private async Task<long> CountRowsAsync(string table)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM {table}";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_gateway.DataPath, GatewayDatabase.FileName)}");
        await connection.OpenAsync();
        return connection;
    }
}
