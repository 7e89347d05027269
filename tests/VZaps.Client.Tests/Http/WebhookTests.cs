using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using VZaps.Client.Webhooks;

namespace VZaps.Client.Tests.Http;

/// <summary>Against a server that answers as the contract says.</summary>
public sealed class WebhookTests
{
    private const string Webhook = """
        {"code":200,"success":true,"data":{"webhook_url":"https://example.com/in","events":["Message","PollVote"],"secret":"whsec_c2VjcmV0","disabled":false}}
        """;

    private const string Log = """
        {"id":"log_1","event_id":"evt_1","event_type":"Message","endpoint":"default","status":"failed","http_status":500,"created_at":"2026-06-23T22:57:17.000Z",
         "next_attempt_at":"2026-06-23T23:02:17.000Z","attempts":[{"time":"2026-06-23T22:57:17.000Z","duration_ms":120,"http_status":500,"response":"oops","retried_by":"schedule"}],"colour":"red"}
        """;

    private readonly ConcurrentQueue<string> _seen = new();

    [Fact]
    public async Task The_webhook_is_read_with_its_secret_and_what_is_not_known_of_it()
    {
        await using var server = await StartAsync(Webhook);
        await using var client = server.NewClient();
        var webhook = await client.Webhooks.GetAsync("VZ1");
        Assert.Equal("GET /instances/VZ1/webhook ", Assert.Single(_seen));
        Assert.Equal(("https://example.com/in", "whsec_c2VjcmV0"), (webhook.WebhookUrl, webhook.Secret));
        Assert.Equal([EventType.Message, EventType.Parse("PollVote")], webhook.Events);
        Assert.False(webhook.Extra!["disabled"].GetBoolean());
        Assert.DoesNotContain("whsec_", webhook.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_webhook_sends_back_what_is_not_known_but_never_the_secret()
    {
        await using var server = await StartAsync(Webhook);
        await using var client = server.NewClient();
        var webhook = await client.Webhooks.GetAsync("VZ1");
        _seen.Clear();
        await client.Webhooks.SetAsync("VZ1", webhook.ToRequest() with { Events = [EventType.Message] });
        Assert.Equal(
            """POST /instances/VZ1/webhook {"webhook_url":"https://example.com/in","events":["Message"],"disabled":false}""", Assert.Single(_seen));
    }

    [Fact]
    public async Task Events_that_are_not_given_are_not_sent()
    {
        await using var server = await StartAsync(Webhook);
        await using var client = server.NewClient();
        await client.Webhooks.SetAsync("VZ1", new SetWebhookRequest { WebhookUrl = "https://example.com/in" });
        Assert.Equal("""POST /instances/VZ1/webhook {"webhook_url":"https://example.com/in"}""", Assert.Single(_seen));
    }

    [Fact]
    public async Task Logs_are_searched_by_all_that_the_contract_knows()
    {
        await using var server = await StartAsync($$$"""{"code":200,"success":true,"data":{"page":2,"size":10,"total":11,"total_pages":2,"content":[{{{Log}}}]}}""");
        await using var client = server.NewClient();
        var page = await client.Webhooks.SearchLogsAsync("VZ1", new WebhookLogSearch
        {
            Status = "failed",
            HttpStatus = 500,
            Endpoint = "default",
            EventType = EventType.Message,
            EventId = "evt_1",
            From = new DateTimeOffset(2026, 6, 23, 0, 0, 0, TimeSpan.Zero),
            Page = 2,
            Size = 10,
            After = "log_0",
        });
        Assert.Equal(
            """POST /instances/VZ1/webhook/logs/search {"status":"failed","http_status":500,"endpoint":"default","event_type":"Message","event_id":"evt_1","from":"2026-06-23T00:00:00+00:00","page":2,"size":10,"after":"log_0"}""",
            Assert.Single(_seen));
        Assert.Equal((2, 11L, "log_1"), (page.Page, page.Total!.Value, page.Content.Single().Id));
    }

    [Fact]
    public async Task A_log_has_its_attempts_and_can_be_retried()
    {
        await using var server = await StartAsync($$"""{"code":200,"success":true,"data":{{Log}}}""");
        await using var client = server.NewClient();
        var log = await client.Webhooks.GetLogAsync("VZ1", "log/1");
        var attempt = log.Attempts.Single();
        Assert.Equal((120L, 500, "oops"), (attempt.DurationMs!.Value, attempt.HttpStatus!.Value, attempt.Response));
        Assert.Equal(("red", "schedule"), (log.Extra!["colour"].GetString(), attempt.Extra!["retried_by"].GetString()));
        Assert.Equal(EventType.Message, log.EventType);
        await client.Webhooks.RetryAsync("VZ1", "log/1");
        Assert.Equal(["GET /instances/VZ1/webhook/logs/log%2F1 ", "POST /instances/VZ1/webhook/logs/log%2F1/retry "], _seen);
    }

    [Fact]
    public async Task An_endpoint_is_set_by_its_name_and_read_with_its_state()
    {
        await using var server = await StartAsync("""
            {"code":200,"success":true,"data":{"name":"orders","webhook_url":"https://example.com/in","events":["Message"],"enabled":true,"body":"envelope","headers":{"x-key":"***"},"order":"chat",
             "secret":"whsec_c2VjcmV0","state":{"status":"failing","failing_since":"2026-06-23T22:57:17.000Z","pending":3,"missed":0},"created_at":"2026-06-23T22:57:17.000Z","colour":"red"}}
            """);
        await using var client = server.NewClient();
        var endpoint = await client.Webhooks.SetEndpointAsync("VZ1", "orders", new SetWebhookEndpointRequest
        {
            WebhookUrl = "https://example.com/in",
            Events = [EventType.Message],
            Enabled = true,
            Replay = false,
            Body = "envelope",
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["x-key"] = "1" },
            Order = "chat",
        });
        Assert.Equal(
            """POST /instances/VZ1/webhooks/orders {"webhook_url":"https://example.com/in","events":["Message"],"enabled":true,"replay":false,"body":"envelope","headers":{"x-key":"1"},"order":"chat"}""",
            Assert.Single(_seen));
        Assert.Equal(("orders", "failing", 3L, "chat"), (endpoint.Name, endpoint.State!.Status, endpoint.State.Pending, endpoint.Order));
        Assert.Equal("red", endpoint.Extra!["colour"].GetString());
        Assert.DoesNotContain("whsec_", endpoint.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_are_listed_read_rotated_tested_and_deleted()
    {
        await using var server = await StartAsync("""{"code":200,"success":true,"data":{"name":"a","event_id":"evt_t","success":true,"attempt":{"duration_ms":5,"http_status":204,"manual":true}}}""");
        await using var client = server.NewClient();
        Assert.Equal("a", (await client.Webhooks.GetEndpointAsync("VZ1", "a")).Name);
        Assert.Equal("a", (await client.Webhooks.RotateSecretAsync("VZ1", "a")).Name);
        var test = await client.Webhooks.SendTestAsync("VZ1", "a");
        Assert.Equal(("evt_t", true, 204, true), (test.EventId, test.Success, test.Attempt!.HttpStatus!.Value, test.Attempt.Manual));
        await client.Webhooks.DeleteEndpointAsync("VZ1", "a");
        Assert.Equal(
            [
                "GET /instances/VZ1/webhooks/a ", "POST /instances/VZ1/webhooks/a/secret/rotate ", "POST /instances/VZ1/webhooks/a/test ", "DELETE /instances/VZ1/webhooks/a ",
            ],
            _seen);
        await using var listing = await StartAsync("""{"code":200,"success":true,"data":[{"name":"a"},{"name":"b"}]}""");
        await using var lister = listing.NewClient();
        Assert.Equal(["a", "b"], (await lister.Webhooks.ListEndpointsAsync("VZ1")).Select(endpoint => endpoint.Name));
        Assert.Equal("GET /instances/VZ1/webhooks ", _seen.Last());
    }

    [Fact]
    public async Task All_logs_of_a_search_are_read_page_by_page_from_one_to_the_next()
    {
        var pages = new Queue<string>(["""{"content":[{"id":"3"},{"id":"2"}],"next_after":"2"}""", """{"content":[{"id":"1"}]}"""]);
        await using var server = await StartAsync(() => $$"""{"code":200,"success":true,"data":{{pages.Dequeue()}}}""");
        await using var client = server.NewClient();
        var ids = new List<string>();
        await foreach (var log in client.Webhooks.SearchAllLogsAsync("VZ1", new WebhookLogSearch { Status = "failed", Size = 2 }))
            ids.Add(log.Id);
        Assert.Equal(["3", "2", "1"], ids);
        Assert.Equal(
            [
                """POST /instances/VZ1/webhook/logs/search {"status":"failed","page":1,"size":2}""",
                """POST /instances/VZ1/webhook/logs/search {"status":"failed","page":1,"size":2,"after":"2"}""",
            ],
            _seen);
    }

    [Theory]
    [InlineData("\"total\":5,\"total_pages\":3", 3)]
    [InlineData("\"size\":2,\"total\":5", 3)]
    [InlineData("\"total\":5", 3)]
    [InlineData("\"total\":2,\"total_pages\":1", 1)]
    [InlineData("\"page\":1", 1)]
    public async Task All_logs_are_read_by_the_numbers_of_pages_where_a_server_gives_no_cursor_and_its_totals_say_that_there_are_more(string totals, int pages)
    {
        var contents = new Queue<string>(["""{"id":"5"},{"id":"4"}""", """{"id":"3"},{"id":"2"}""", """{"id":"1"}"""]);
        await using var server = await StartAsync(() => $$$"""{"code":200,"success":true,"data":{{{{totals}}},"content":[{{{contents.Dequeue()}}}]}}""");
        await using var client = server.NewClient();
        Assert.Equal(new[] { "5", "4", "3", "2", "1" }.Take(pages * 2), await ReadAllAsync(client, new WebhookLogSearch { Page = 7, Size = 2 }));
        Assert.Equal(Enumerable.Range(1, pages).Select(page => $$"""POST /instances/VZ1/webhook/logs/search {"page":{{page}},"size":2}"""), _seen);
    }

    [Fact]
    public async Task A_log_that_a_new_one_pushed_onto_the_next_page_comes_once()
    {
        var contents = new Queue<string>(["""{"id":"3"},{"id":"2"}""", """{"id":"2"},{"id":"1"}""", ""]);
        await using var server = await StartAsync(() => $$$"""{"code":200,"success":true,"data":{"total_pages":3,"content":[{{{contents.Dequeue()}}}]}}""");
        await using var client = server.NewClient();
        Assert.Equal(["3", "2", "1"], await ReadAllAsync(client, new WebhookLogSearch { Size = 2 }));
    }

    [Fact]
    public async Task The_page_to_which_a_cursor_led_is_the_last_where_it_has_none_whatever_the_totals_count()
    {
        var pages = new Queue<string>(["""{"total_pages":9,"content":[{"id":"3"}],"next_after":"3"}""", """{"total_pages":9,"content":[{"id":"2"}]}""", """{"total_pages":9,"content":[{"id":"1"}]}"""]);
        await using var server = await StartAsync(() => $$"""{"code":200,"success":true,"data":{{pages.Dequeue()}}}""");
        await using var client = server.NewClient();
        Assert.Equal(["3", "2"], await ReadAllAsync(client, new WebhookLogSearch()));
        Assert.Equal(["1"], await ReadAllAsync(client, new WebhookLogSearch { After = "2" }));
    }

    [Theory]
    [InlineData("b", "b", "b")]
    [InlineData("b", "c", "b")]
    [InlineData("a", "a", "a")]
    public async Task A_cursor_that_is_given_a_second_time_ends_the_reading_with_an_error_that_says_so(params string[] cursors)
    {
        var (calls, next) = (0, new Queue<string>(cursors));
        await using var server = await StartAsync(() => $$$"""{"code":200,"success":true,"data":{"content":[{"id":"{{{++calls}}}"}],"next_after":"{{{next.Dequeue()}}}"}}""");
        await using var client = server.NewClient();
        var wrong = await Assert.ThrowsAsync<VZapsApiException>(() => ReadAllAsync(client, new WebhookLogSearch { After = "a" }).OrFailAsync());
        Assert.Contains($"the cursor '{cursors[^1]}' a second time", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_given_a_second_time_ends_the_reading_with_an_error_that_says_so()
    {
        await using var server = await StartAsync("""{"code":200,"success":true,"data":{"total_pages":100000,"content":[{"id":"2"},{"id":"1"}]}}""");
        await using var client = server.NewClient();
        var wrong = await Assert.ThrowsAsync<VZapsApiException>(() => ReadAllAsync(client, new WebhookLogSearch()).OrFailAsync());
        Assert.Contains("page 2 has no log", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(2, _seen.Count);
    }

    [Theory]
    [InlineData("\"total\":4,\"total_pages\":2", "\"total\":6,\"total_pages\":3")]
    [InlineData("\"total_pages\":2", "\"total_pages\":3")]
    [InlineData("\"total\":4", "\"total\":6")]
    public async Task Exactly_a_page_of_new_logs_that_comes_in_between_is_no_page_given_a_second_time(string before, string after)
    {
        var pages = new Queue<string>([$$"""{{{before}},"content":[{"id":"4"},{"id":"3"}]}""", $$"""{{{after}},"content":[{"id":"4"},{"id":"3"}]}""", $$"""{{{after}},"content":[{"id":"2"},{"id":"1"}]}"""]);
        await using var server = await StartAsync(() => $$"""{"code":200,"success":true,"data":{{pages.Dequeue()}}}""");
        await using var client = server.NewClient();
        Assert.Equal(["4", "3", "2", "1"], await ReadAllAsync(client, new WebhookLogSearch { Size = 2 }));
    }

    [Fact]
    public async Task Totals_that_grow_with_every_page_let_no_server_give_the_same_one_for_ever()
    {
        var total = 100;
        await using var server = await StartAsync(() => $$$"""{"code":200,"success":true,"data":{"total":{{{++total}}},"content":[{"id":"2"},{"id":"1"}]}}""");
        await using var client = server.NewClient();
        await Assert.ThrowsAsync<VZapsApiException>(() => ReadAllAsync(client, new WebhookLogSearch { Size = 2 }).OrFailAsync());
        Assert.Equal(1 + AllLogs.MaxKnownPages, _seen.Count);
    }

    [Fact]
    public async Task All_that_a_search_finds_is_retried_as_a_job()
    {
        await using var server = await StartAsync("""{"code":202,"success":true,"data":{"id":"j/1","state":"running","matched":5,"asked":3,"skipped":1}}""");
        await using var client = server.NewClient();
        var job = await client.Webhooks.RetryAllAsync("VZ1", new WebhookLogSearch { Status = "failed" });
        Assert.Equal(("running", 5L, 3L, 1L), (job.State, job.Matched, job.Asked, job.Skipped));
        await client.Webhooks.GetRetryJobAsync("VZ1", job.Id);
        Assert.Equal(["""POST /instances/VZ1/webhook/logs/retry {"status":"failed","page":1,"size":50}""", "GET /instances/VZ1/webhook/jobs/j%2F1 "], _seen);
    }

    [Fact]
    public async Task An_events_deliveries_say_what_became_of_it_everywhere()
    {
        await using var server = await StartAsync("""
            {"code":200,"success":true,"data":{"event_id":"evt_1","event_type":"Message","appended_at":"2026-06-23T22:57:17.000Z","retained":true,
             "endpoints":[{"endpoint":"default","status":"delivered","attempts":2,"http_status":200}],"consumers":[{"consumer":"bot","status":"dead","connections":[],"reason":"rejected"}]}}
            """);
        await using var client = server.NewClient();
        var deliveries = await client.Webhooks.GetDeliveriesAsync("VZ1", "evt_1");
        Assert.Equal("GET /instances/VZ1/events/evt_1/deliveries ", Assert.Single(_seen));
        Assert.Equal(("default", "delivered", 2), deliveries.Endpoints.Select(one => (one.Endpoint, one.Status, one.Attempts)).Single());
        Assert.Equal(("bot", "dead", "rejected"), deliveries.Consumers.Select(one => (one.Consumer, one.Status, one.Reason)).Single());
    }

    private static async Task<List<string>> ReadAllAsync(VZapsClient client, WebhookLogSearch search)
    {
        var ids = new List<string>();
        await foreach (var log in client.Webhooks.SearchAllLogsAsync("VZ1", search))
            ids.Add(log.Id);
        return ids;
    }

    private Task<ScriptedServer> StartAsync(string answer) => StartAsync(() => answer);

    private async Task<ScriptedServer> StartAsync(Func<string> answer)
    {
        var server = await ScriptedServer.StartAsync();
        server.Other = async context =>
        {
            _seen.Enqueue($"{context.Request.Method} {context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget} {await new StreamReader(context.Request.Body).ReadToEndAsync()}");
            await context.Response.WriteAsync(answer());
        };
        return server;
    }
}
