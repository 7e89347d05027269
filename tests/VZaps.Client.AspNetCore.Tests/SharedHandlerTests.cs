using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace VZaps.Client.AspNetCore.Tests;

/// <summary>The handlers of a host, called by either way.</summary>
public sealed class SharedHandlerTests
{
    private const string Chat = "15550002222@s.whatsapp.net";

    [Fact]
    public async Task A_handler_of_the_host_gets_the_posts_of_its_subscriptions_webhook_and_no_connection_is_made()
    {
        await using var host = await WebhookHost.StartAsync(vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("phone").AddEventHandler<TypeHandler>("phone"));
        Assert.Equal(200, (await PostAsync(host, "hello")).Status);
        Assert.Equal(["hello as bot", "Message"], host.Seen);
        Assert.Equal(0, host.Gateway.Connections);
    }

    [Fact]
    public async Task The_same_handler_takes_both_ways()
    {
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("phone"), values => values["VZaps:Subscriptions:phone:Transport"] = "both");
        await host.Gateway.WaitConnectedAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(Chat, "by socket"), "bot");
        Assert.Equal(200, (await PostAsync(host, "by post")).Status);
        Assert.Equal(["by socket as bot", "by post as bot"], host.Seen);
    }

    [Fact]
    public async Task An_event_that_came_by_both_ways_is_handled_once_where_there_is_a_store()
    {
        var store = new InMemoryProcessedEventStore();
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("phone")
                .ConfigureSubscription("phone", options => options.Customize = request => request with { ProcessedEvents = store }),
            values => values["VZaps:Subscriptions:phone:Transport"] = "Both");
        await host.Gateway.WaitConnectedAsync();
        var id = host.Gateway.PublishText(Chat, "once");
        await host.Gateway.WaitAckedAsync(id, "bot");
        Assert.Equal((200, """{"outcome":"duplicate"}"""), await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("once"), id)));
        Assert.Equal(["once as bot"], host.Seen);
    }

    [Fact]
    public async Task A_handler_that_rejects_is_answered_with_its_reason()
    {
        await using var host = await WebhookHost.StartAsync(vzaps => vzaps.AddEventHandler<Rejecting>("phone"));
        Assert.Equal((200, """{"outcome":"rejected","reason":"not for us"}"""), await PostAsync(host, "x"));
    }

    [Fact]
    public async Task A_subscription_by_connection_alone_takes_no_posts()
    {
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("phone"), values => values["VZaps:Subscriptions:phone:Transport"] = "Realtime");
        await host.Gateway.WaitConnectedAsync();
        Assert.Equal(404, (await PostAsync(host, "x")).Status);
        Assert.Empty(host.Seen);
    }

    [Fact]
    public async Task A_host_that_only_takes_webhooks_needs_no_credentials_and_no_instance()
    {
        await using var host = await WebhookHost.StartAsync(
            vzaps =>
            {
                vzaps.AddEventHandler<TextHandler, MessageEvent>("phone");
                vzaps.Services.PostConfigure<VZapsClientOptions>(options => (options.ClientToken, options.ClientSecret) = ("", ""));
            },
            values =>
            {
                values["VZaps:Subscriptions:phone:InstanceId"] = "";
                values["VZaps:Subscriptions:phone:InstanceToken"] = "";
            },
            builder => builder.Services.AddHealthChecks().AddVZaps());
        Assert.Equal(200, (await PostAsync(host, "hello")).Status);
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, report.Status);
    }

    [Fact]
    public async Task Whoever_connects_needs_credentials_all_the_same()
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => WebhookHost.StartAsync(
            vzaps =>
            {
                vzaps.AddEventHandler<TextHandler, MessageEvent>("phone");
                vzaps.Services.PostConfigure<VZapsClientOptions>(options => (options.ClientToken, options.ClientSecret) = ("", ""));
            },
            values => values["VZaps:Subscriptions:phone:Transport"] = "Both"));
        Assert.Contains("ClientToken", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WebhookSecrets", "", "VZaps:Subscriptions:phone:WebhookSecrets is missing")]
    [InlineData("WebhookSecrets", "whsec_abc", "VZaps:Subscriptions:phone:WebhookSecrets has what is no secret")]
    [InlineData("Transport", "Pigeon", "VZaps:Subscriptions:phone:Transport 'Pigeon' is not one of Realtime, Webhook, Both.")]
    public async Task A_bad_value_stops_the_start_with_its_key(string key, string value, string message)
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TypeHandler>("phone"), values => values[$"VZaps:Subscriptions:phone:{key}"] = value));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_abc", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_without_a_handler_stops_the_start()
    {
        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => WebhookHost.StartAsync(_ => { }));
        Assert.Contains("AddEventHandler<…>(\"phone\")", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_by_webhook_is_healthy_without_a_connection()
    {
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TypeHandler>("phone"), services: builder => builder.Services.AddHealthChecks().AddVZaps());
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HealthStatus.Healthy, "phone: takes webhooks"), (report.Status, report.Entries["vzaps"].Description));
    }

    [Fact]
    public async Task A_running_handler_finishes_when_the_host_stops()
    {
        var hold = new TaskCompletionSource();
        await using var host = await WebhookHost.StartAsync(vzaps => vzaps.AddEventHandler<Held>("phone"), services: builder => builder.Services.AddSingleton(hold));
        var post = PostAsync(host, "x");
        while (!host.Seen.Contains("begun"))
            await Task.Delay(5, TestContext.Current.CancellationToken);
        var stopping = host.StopAsync();
        hold.SetResult();
        Assert.Equal(200, (await post).Status);
        await stopping;
    }

    private static Task<(int Status, string Body)> PostAsync(WebhookHost host, string text) =>
        host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text(text)));

    private sealed class TextHandler(ConcurrentQueue<string> seen) : IEventHandler<MessageEvent>
    {
        public Task HandleAsync(MessageEvent payload, EventContext context)
        {
            seen.Enqueue($"{payload.Text} as {context.Consumer}");
            return Task.CompletedTask;
        }
    }

    private sealed class TypeHandler(ConcurrentQueue<string> seen) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            seen.Enqueue(context.Event.Type.Name);
            return Task.CompletedTask;
        }
    }

    private sealed class Rejecting : IEventHandler
    {
        public Task HandleAsync(EventContext context) => throw new RejectEventException("not for us");
    }

    private sealed class Held(ConcurrentQueue<string> seen, TaskCompletionSource hold) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            seen.Enqueue("begun");
            return hold.Task.WaitAsync(context.CancellationToken);
        }
    }
}
