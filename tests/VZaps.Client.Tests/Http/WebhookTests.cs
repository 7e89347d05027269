using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

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

    private async Task<ScriptedServer> StartAsync(string answer)
    {
        var server = await ScriptedServer.StartAsync();
        server.Other = async context =>
        {
            _seen.Enqueue($"{context.Request.Method} {context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget} {await new StreamReader(context.Request.Body).ReadToEndAsync()}");
            await context.Response.WriteAsync(answer);
        };
        return server;
    }
}
