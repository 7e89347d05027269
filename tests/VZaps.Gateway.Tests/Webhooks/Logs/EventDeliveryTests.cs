using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

/// <summary>What became of one event, everywhere.</summary>
public sealed class EventDeliveryTests : IAsyncLifetime
{
    private GatewayFixture _gateway = null!;
    private WebhookReceiver _receiver = null!;
    private TestInstance _instance = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await WebhookCalls.StartGatewayAsync(settings: ("Delivery:AckTimeout", "01:00:00"));
        _receiver = await WebhookReceiver.StartAsync();
        _instance = await _gateway.NewInstanceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Each_endpoint_says_what_became_of_an_event()
    {
        _receiver.Answer = (post, context) =>
        {
            context.Response.StatusCode = post.Path == "/bad" ? 500 : 200;
            return Task.CompletedTask;
        };
        await SetAsync("good", new { webhook_url = _receiver.UrlOf("/good") });
        await SetAsync("bad", new { webhook_url = _receiver.UrlOf("/bad") });
        await SetAsync("choosy", new { webhook_url = _receiver.UrlOf("/choosy"), events = "Presence" });
        await SetAsync("off", new { webhook_url = _receiver.UrlOf("/off"), enabled = false });
        var id = (await _gateway.PublishAsync(_instance))[0];
        await SetAsync("late", new { webhook_url = _receiver.UrlOf("/late") });

        await UntilAsync(id, "endpoints", "good", "delivered");
        await UntilAsync(id, "endpoints", "bad", "pending");
        var answer = await AnswerAsync(id);
        Assert.Equal((id, "Message", true), (answer.Text("event_id"), answer.Text("event_type"), answer.GetProperty("retained").GetBoolean()));
        var of = answer.GetProperty("endpoints").EnumerateArray().ToDictionary(endpoint => endpoint.Text("endpoint")!, StringComparer.Ordinal);
        Assert.Equal(["bad", "choosy", "good", "late", "off"], of.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((_receiver.UrlOf("/good"), 1, 200), (of["good"].Text("url"), of["good"].GetProperty("attempts").GetInt32(), of["good"].GetProperty("http_status").GetInt32()));
        Assert.Equal(JsonValueKind.String, of["good"].GetProperty("delivered_at").ValueKind);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.String), (of["bad"].GetProperty("delivered_at").ValueKind, of["bad"].GetProperty("next_attempt_at").ValueKind));
        Assert.StartsWith("whl_", of["bad"].Text("log_id"));
        Assert.Equal(("filtered", "not_read", "before_endpoint"), (of["choosy"].Text("status"), of["off"].Text("status"), of["late"].Text("status")));
        Assert.Contains("Presence", of["choosy"].Text("detail"));
        Assert.Contains("disabled", of["off"].Text("detail"));

        await _gateway.CallAsync(_instance, HttpMethod.Delete, "/webhooks/bad");
        await _gateway.CallAsync(_instance, HttpMethod.Delete, "/webhooks/choosy");
        var after = (await AnswerAsync(id)).GetProperty("endpoints").EnumerateArray().ToDictionary(endpoint => endpoint.Text("endpoint")!, StringComparer.Ordinal);
        Assert.Equal("cancelled", after["bad"].Text("status"));
        Assert.DoesNotContain("choosy", after.Keys);
    }

    [Fact]
    public async Task Each_consumer_says_what_became_of_an_event()
    {
        await using var acking = await TestReader.ConnectAsync(_gateway, _instance, "&consumer=acks");
        await using var silent = await TestReader.ConnectAsync(_gateway, _instance, "&consumer=silent");
        await using var rejecting = await TestReader.ConnectAsync(_gateway, _instance, "&consumer=rejects", extended: true);
        await using var choosy = await TestReader.ConnectAsync(_gateway, _instance, "&consumer=choosy&events=Presence");
        await (await TestReader.ConnectAsync(_gateway, _instance, "&consumer=away")).DisposeAsync();
        Assert.True(await Eventually.HoldsAsync(async () => (await _gateway.ConsumerAsync(_instance, "away")).GetProperty("connections").GetArrayLength() == 0));
        var id = (await _gateway.PublishAsync(_instance))[0];
        await acking.NextAsync();
        await silent.NextAsync();
        await rejecting.NextAsync();
        await acking.SendAsync(new { type = "ack", event_id = id });
        await rejecting.SendAsync(new { type = "reject", event_id = id, reason = "cannot read it" });

        await UntilAsync(id, "consumers", "acks", "acked");
        await UntilAsync(id, "consumers", "rejects", "dead");
        var of = (await AnswerAsync(id)).GetProperty("consumers").EnumerateArray().ToDictionary(consumer => consumer.Text("consumer")!, StringComparer.Ordinal);
        Assert.Equal(("unacked", "filtered", "not_read"), (of["silent"].Text("status"), of["choosy"].Text("status"), of["away"].Text("status")));
        var connection = (await _gateway.ConsumerAsync(_instance, "silent")).GetProperty("connections")[0].Text("id");
        Assert.Equal(connection, Assert.Single(of["silent"].GetProperty("connections").EnumerateArray()).GetString());
        Assert.Equal(("rejected", "cannot read it"), (of["rejects"].Text("reason"), of["rejects"].Text("detail")));
        Assert.Equal(JsonValueKind.String, of["rejects"].GetProperty("died_at").ValueKind);
    }

    [Fact]
    public async Task An_event_that_never_was_is_refused()
    {
        var foreign = (await _gateway.PublishAsync(await _gateway.NewInstanceAsync()))[0];
        Assert.Equal((400, "unknown_cursor"), await _gateway.RefusalAsync(_instance, HttpMethod.Get, $"/events/{foreign}/deliveries"));
        Assert.Equal((400, "invalid_event_id"), await _gateway.RefusalAsync(_instance, HttpMethod.Get, "/events/evt_1/deliveries"));
    }

    private Task<JsonElement> SetAsync(string name, object settings) => _gateway.SetWebhookAsync(_instance, settings, $"/webhooks/{name}");

    private Task<JsonElement> AnswerAsync(string id) => _gateway.CallAsync(_instance, HttpMethod.Get, $"/events/{id}/deliveries");

    private async Task UntilAsync(string id, string list, string name, string status)
    {
        JsonElement answer = default;
        var holds = await Eventually.HoldsAsync(
            async () => (answer = await AnswerAsync(id)).GetProperty(list).EnumerateArray()
                .Any(of => of.Text(list.TrimEnd('s')) == name && of.Text("status") == status), seconds: 30);
        Assert.True(holds, answer.ToString());
    }
}
