using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Endpoints;

public sealed class EndpointSecretTests
{
    [Fact]
    public async Task Without_the_keys_nothing_is_posted_or_signed_and_with_them_again_the_secret_is_what_it_was()
    {
        var folder = GatewayFixture.NewFolder();
        var (keys, away) = (Path.Combine(folder, "keys"), Path.Combine(folder, "keys-away"));
        await using var receiver = await WebhookReceiver.StartAsync();
        TestInstance instance;
        string? secret;
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
        {
            instance = await gateway.NewInstanceAsync();
            secret = (await gateway.SetWebhookAsync(instance, new { webhook_url = receiver.Url })).Text("secret");
        }

        Directory.Move(keys, away);
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
        {
            // A change writes all of the row.
            Assert.Null((await gateway.SetWebhookAsync(instance, new { order = "chat" })).Text("secret"));
            await gateway.PublishAsync(instance);
            await gateway.UntilWebhookAsync(instance, webhook => webhook.State().GetProperty("pending").GetInt32() == 1);
            Assert.Empty(receiver.Posts);
            var log = (await gateway.CallAsync(instance, HttpMethod.Post, "/webhook/logs/search", new { })).GetProperty("content")[0];
            Assert.Contains("the endpoint's secret cannot be read", log.GetProperty("attempts")[0].Text("error"), StringComparison.Ordinal);
        }

        Directory.Delete(keys, recursive: true);
        Directory.Move(away, keys);
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
            Assert.Equal(secret, (await gateway.GetWebhookAsync(instance)).Text("secret"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Without_the_keys_a_rotation_gives_a_secret_that_holds()
    {
        var folder = GatewayFixture.NewFolder();
        await using var receiver = await WebhookReceiver.StartAsync();
        TestInstance instance;
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
        {
            instance = await gateway.NewInstanceAsync();
            await gateway.SetWebhookAsync(instance, new { webhook_url = receiver.Url });
        }

        Directory.Delete(Path.Combine(folder, "keys"), recursive: true);
        string? rotated;
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
        {
            rotated = (await gateway.CallAsync(instance, HttpMethod.Post, "/webhooks/default/secret/rotate")).Text("secret");
            await gateway.PublishAsync(instance);
            await WebhookCalls.UntilAsync(() => receiver.Posts.Count == 1, "posted");
            Assert.DoesNotContain(' ', receiver.Posts[0].Headers["webhook-signature"]);
        }

        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder))
            Assert.Equal(rotated, (await gateway.GetWebhookAsync(instance)).Text("secret"));
        Directory.Delete(folder, recursive: true);
    }
}
