using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Endpoints;

public sealed class EndpointRouteTests
{
    private const string Url = "http://127.0.0.1:18999/hook", OtherUrl = "http://127.0.0.1:18999/other";

    [Theory]
    [InlineData("""{"webhookURL":"http://127.0.0.1:18999/hook","events":["Message","Connected"]}""")]
    [InlineData("""{"webhook_url":"http://127.0.0.1:18999/hook","events":"Message, Connected"}""")]
    [InlineData("""{"webhookUrl":"http://127.0.0.1:18999/hook","events":"Connected,,Message"}""")]
    public async Task The_classic_route_takes_every_spelling_and_gives_the_state_that_it_made(string body)
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var instance = await gateway.NewInstanceAsync();
        var before = await gateway.GetWebhookAsync(instance);
        Assert.Equal(JsonValueKind.Null, before.GetProperty("webhook_url").ValueKind);
        Assert.Equal("no_url", before.State().Text("status"));

        var set = await gateway.SetWebhookAsync(instance, body);
        Assert.Equal(Url, set.Text("webhook_url"));
        Assert.Equal(["Message", "Connected"], set.GetProperty("events").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("active", set.State().Text("status"));
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", set.Text("secret"));
        var read = await gateway.GetWebhookAsync(instance);
        Assert.Equal(set.Text("secret"), read.Text("secret"));
        Assert.Equal(set.GetProperty("events").GetRawText(), read.GetProperty("events").GetRawText());
    }

    [Fact]
    public async Task What_is_absent_stays_as_it_is()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetWebhookAsync(instance, new { webhook_url = Url, events = "Message", body = "envelope", order = "chat", headers = new { Authorization = "Bearer secret-of-mine" } });
        var changed = await gateway.SetWebhookAsync(instance, new { webhook_url = OtherUrl });
        Assert.Equal(OtherUrl, changed.Text("webhook_url"));
        Assert.Equal("[\"Message\"]", changed.GetProperty("events").GetRawText());
        Assert.Equal("envelope", changed.Text("body"));
        Assert.Equal("chat", changed.Text("order"));
        Assert.Equal("***", changed.GetProperty("headers").Text("authorization"));
        Assert.DoesNotContain("secret-of-mine", changed.GetRawText());
    }

    [Fact]
    public async Task Without_events_it_posts_what_the_instance_subscribes_to()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetWebhookAsync(instance, new { webhook_url = Url, events = new[] { "All" } });
        await gateway.SendAsync(HttpMethod.Patch, $"/instances/{instance.Id}", new { events_subscribe = new[] { "Presence" } }, instance.AccessToken);
        Assert.Equal("[\"Presence\"]", (await gateway.GetWebhookAsync(instance)).GetProperty("events").GetRawText());
    }

    [Fact]
    public async Task The_instances_webhook_and_the_default_endpoint_are_one()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var token = await gateway.TokenAsync();
        var (status, made) = await gateway.SendAsync(HttpMethod.Put, "/instances/create", new { name = "Support", webhook = Url }, token);
        Assert.Equal(201, status);
        var instance = new TestInstance(made.GetProperty("id").GetString()!, made.GetProperty("token").GetString()!, token);
        Assert.Equal(Url, (await gateway.GetWebhookAsync(instance)).Text("webhook_url"));

        await gateway.SetWebhookAsync(instance, new { webhook_url = OtherUrl });
        Assert.Equal(OtherUrl, (await InstanceAsync(gateway, instance)).Text("webhook"));

        await gateway.SendAsync(HttpMethod.Patch, $"/instances/{instance.Id}", new { webhook = Url }, token);
        Assert.Equal(Url, (await gateway.GetWebhookAsync(instance)).Text("webhook_url"));

        await gateway.SendAsync(HttpMethod.Patch, $"/instances/{instance.Id}", new { webhook = (string?)null }, token);
        Assert.Equal("no_url", (await gateway.GetWebhookAsync(instance)).State().Text("status"));

        await gateway.SetWebhookAsync(instance, new { webhook_url = Url });
        await gateway.CallAsync(instance, HttpMethod.Delete, "/webhooks/default");
        Assert.Equal(JsonValueKind.Null, (await InstanceAsync(gateway, instance)).GetProperty("webhook").ValueKind);
    }

    [Fact]
    public async Task Endpoints_have_names_and_are_listed_set_and_deleted_by_them()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetWebhookAsync(instance, new { name = "crm", webhook_url = Url }, "/webhooks");
        await gateway.SetWebhookAsync(instance, new { webhook_url = OtherUrl }, "/webhooks/backup");
        await gateway.SetWebhookAsync(instance, new { webhook_url = Url });
        Assert.Equal((409, "webhook_exists"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/webhooks", new { name = "crm", webhook_url = Url }));
        var names = (await gateway.CallAsync(instance, HttpMethod.Get, "/webhooks")).EnumerateArray().Select(webhook => webhook.Text("name"));
        Assert.Equal(["backup", "crm", "default"], names);
        Assert.True((await gateway.CallAsync(instance, HttpMethod.Delete, "/webhooks/crm")).GetProperty("deleted").GetBoolean());
        Assert.Equal((404, "webhook_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/webhooks/crm"));
        // The name is free again, and the new one is another.
        Assert.Equal("crm", (await gateway.SetWebhookAsync(instance, new { name = "crm", webhook_url = Url }, "/webhooks")).Text("name"));
    }

    [Fact]
    public async Task An_instance_has_as_many_endpoints_as_are_allowed()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync(settings: ("Limits:WebhooksPerInstance", "2"));
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetWebhookAsync(instance, new { webhook_url = Url });
        await gateway.SetWebhookAsync(instance, new { webhook_url = Url }, "/webhooks/two");
        Assert.Equal((400, "too_many_webhooks"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/webhooks/three", new { webhook_url = Url }));
    }

    [Theory]
    [InlineData("/webhooks/Bad Name", """{"webhook_url":"http://127.0.0.1:18999/"}""", "invalid_webhook_name")]
    [InlineData("/webhooks", """{"webhook_url":"http://127.0.0.1:18999/"}""", "invalid_webhook_name")]
    [InlineData("/webhook", """{"webhook_url":"ftp://127.0.0.1/"}""", "invalid_webhook_url")]
    [InlineData("/webhook", """{"webhook_url":"http://10.0.0.1/"}""", "webhook_url_forbidden")]
    [InlineData("/webhook", """{"events":"Massage"}""", "unknown_event_type")]
    [InlineData("/webhook", """{"body":"everything"}""", "invalid_webhook_body")]
    [InlineData("/webhook", """{"order":"random"}""", "invalid_webhook_order")]
    [InlineData("/webhook", """{"headers":{"webhook-id":"x"}}""", "invalid_webhook_headers")]
    [InlineData("/webhook", """{"headers":{"Host":"x"}}""", "invalid_webhook_headers")]
    [InlineData("/webhook", """{"headers":{"X A":"x"}}""", "invalid_webhook_headers")]
    [InlineData("/webhook", """{"headers":{"X-A":"a\nb"}}""", "invalid_webhook_headers")]
    [InlineData("/webhook", """{"headers":{"X-A":null}}""", "invalid_webhook_headers")]
    public async Task What_cannot_be_set_is_refused_and_nothing_is_made(string path, string body, string error)
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var instance = await gateway.NewInstanceAsync();
        Assert.Equal((400, error), await gateway.RefusalAsync(instance, HttpMethod.Post, path, body));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/webhooks")).EnumerateArray());
    }

    [Fact]
    public async Task A_forbidden_url_of_an_instance_makes_no_instance()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var token = await gateway.TokenAsync();
        var (status, answer) = await gateway.SendAsync(HttpMethod.Put, "/instances/create", new { name = "Support", webhook = "http://169.254.169.254/latest" }, token);
        Assert.Equal((400, "webhook_url_forbidden"), (status, answer.Text("error")));
        var (_, list) = await gateway.SendAsync(HttpMethod.Post, "/instances/list", new { }, token);
        Assert.Equal(0, list.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back_and_keeps_the_headers_values()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetWebhookAsync(instance, new { webhook_url = receiver.Url, headers = new { X_Key = "v1" } });
        await gateway.SetWebhookAsync(instance, (await gateway.GetWebhookAsync(instance)).GetRawText());
        await gateway.PublishAsync(instance);
        await WebhookCalls.UntilAsync(() => receiver.Posts.Count == 1, "posted");
        Assert.Equal("v1", receiver.Posts[0].Headers["X_Key"]);
    }

    [Fact]
    public async Task The_instance_token_alone_is_not_enough_and_another_accounts_instance_is_not_there()
    {
        await using var gateway = await WebhookCalls.StartGatewayAsync();
        var instance = await gateway.NewInstanceAsync();
        var (status, _) = await gateway.SendAsync(HttpMethod.Get, $"/instances/{instance.Id}/webhook", headers: ("X-Instance-Token", instance.Token));
        Assert.Equal(401, status);
        Assert.Equal((404, "instance_not_found"), await gateway.RefusalAsync(instance with { Id = VZaps.Protocol.InstanceId.New().Value }, HttpMethod.Get, "/webhook"));
    }

    [Fact]
    public async Task Endpoints_and_their_secrets_are_the_same_after_a_restart_and_no_secret_is_in_the_database()
    {
        var folder = GatewayFixture.NewFolder();
        TestInstance instance;
        string secret;
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
        {
            instance = await gateway.NewInstanceAsync();
            secret = (await gateway.SetWebhookAsync(instance, new { webhook_url = Url, headers = new { A = "b" } })).Text("secret")!;
        }

        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(key) < 0 && !File.ReadAllText(file).Contains(secret["whsec_".Length..], StringComparison.Ordinal), file);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "keys")))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
            Assert.Equal(secret, (await gateway.GetWebhookAsync(instance)).Text("secret"));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<JsonElement> InstanceAsync(GatewayFixture gateway, TestInstance instance) =>
        (await gateway.SendAsync(HttpMethod.Post, "/instances/get", new { id = instance.Id }, instance.AccessToken)).Body;
}
