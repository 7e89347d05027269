using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
            vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("phone").ConfigureSubscription("phone", Remembering),
            values => values["VZaps:Subscriptions:phone:Transport"] = "both");
        await host.Gateway.WaitConnectedAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(Chat, "by socket"), "bot");
        Assert.Equal(200, (await PostAsync(host, "by post")).Status);
        Assert.Equal(["by socket as bot", "by post as bot"], host.Seen);
    }

    [Fact]
    public async Task An_event_that_came_by_both_ways_is_handled_once_also_where_the_store_is_made_as_the_request_is()
    {
        var made = 0;
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("phone").ConfigureSubscription("phone", options => options.Customize = request =>
            {
                made++;
                return request with { ProcessedEvents = new InMemoryProcessedEventStore() };
            }),
            values => values["VZaps:Subscriptions:phone:Transport"] = "Both");
        await host.Gateway.WaitConnectedAsync();
        var id = host.Gateway.PublishText(Chat, "once");
        await host.Gateway.WaitAckedAsync(id, "bot");
        Assert.Equal((200, """{"outcome":"duplicate"}"""), await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("once"), id)));
        Assert.Equal(["once as bot"], host.Seen);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task Both_ways_without_a_store_stop_the_start_as_every_event_would_be_handled_twice()
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TypeHandler>("phone"), values => values["VZaps:Subscriptions:phone:Transport"] = "Both"));
        Assert.Contains("VZaps:Subscriptions:phone:Transport is Both, so each event comes twice", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_that_cannot_make_the_request_of_both_ways_stops_the_start_with_its_key()
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TypeHandler>("phone").ConfigureSubscription("phone", options => options.Customize = _ => throw new InvalidOperationException("no database")),
            values => values["VZaps:Subscriptions:phone:Transport"] = "Both"));
        Assert.Contains("VZaps:Subscriptions:phone:Customize threw: no database.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_consumer_of_a_webhook_is_that_of_the_realtime_addresss_path_where_none_is_named()
    {
        await using var host = await WebhookHost.StartAsync(vzaps =>
        {
            vzaps.AddEventHandler<TextHandler, MessageEvent>("phone");
            vzaps.Services.PostConfigure<VZapsClientOptions>(options => (options.Consumer, options.RealtimeUrl) = (null, new Uri("ws://fake.invalid/consumers/orders")));
        });
        Assert.Equal(200, (await PostAsync(host, "hello")).Status);
        Assert.Equal(["hello as orders"], host.Seen);
    }

    [Fact]
    public async Task The_retry_policy_of_the_request_counts_for_webhooks()
    {
        await using var host = await WebhookHost.StartAsync(vzaps => vzaps.AddEventHandler<FirstTimeFails>("phone")
            .ConfigureSubscription("phone", options => options.Customize = request => request with { HandlerRetry = new ExponentialHandlerRetry(1, TimeSpan.Zero) }));
        Assert.Equal((200, """{"outcome":"handled"}"""), await PostAsync(host, "x"));
        Assert.Equal(["tried", "tried"], host.Seen);
    }

    [Fact]
    public async Task Callbacks_of_a_connection_that_is_not_made_are_warned_of()
    {
        using var log = new LogLines();
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<TypeHandler>("phone").OnSubscribed("phone", (_, _) => Assert.Fail("It was called.")), services: builder => builder.Logging.AddProvider(log));
        await WebhookHost.UntilAsync(() => log.Count(1412) == 1, "the warning");
    }

    [Fact]
    public async Task The_largest_body_the_tolerance_and_the_bounds_are_set_by_their_keys()
    {
        var hold = new TaskCompletionSource();
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<Held>("phone"),
            values =>
            {
                values["VZaps:Subscriptions:phone:WebhookMaxBodyBytes"] = "2000";
                values["VZaps:Subscriptions:phone:WebhookTolerance"] = "00:01:00";
                values["VZaps:Subscriptions:phone:WebhookMaxUnheardHandlers"] = "1";
            },
            builder => builder.Services.AddSingleton(hold));
        using var end = new LetGo(hold);
        Assert.Equal(413, (await PostAsync(host, new string('x', 2_000))).Status);
        var old = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(2);
        Assert.Equal(401, (await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("x"), signedAt: old))).Status);
        await HangUpAsync(host, "evt_1");
        // The server hears of it in its own time; until then an event would be taken, and waited for.
        await WebhookHost.UntilAsync(
            async () =>
            {
                using var hangUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
                try
                {
                    using var answer = await host.Client.SendAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("x")), hangUp.Token);
                    return (int)answer.StatusCode == 503 && answer.Headers.RetryAfter?.Delta == TimeSpan.FromSeconds(15);
                }
                catch (OperationCanceledException)
                {
                    return false;
                }
            },
            "503");
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
                vzaps.AddEventHandler<TextHandler, MessageEvent>("phone").ConfigureSubscription("phone", Remembering);
                vzaps.Services.PostConfigure<VZapsClientOptions>(options => (options.ClientToken, options.ClientSecret) = ("", ""));
            },
            values => values["VZaps:Subscriptions:phone:Transport"] = "Both"));
        Assert.Contains("ClientToken", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WebhookSecrets", "", "VZaps:Subscriptions:phone:WebhookSecrets is missing")]
    [InlineData("WebhookSecrets", "whsec_abc", "VZaps:Subscriptions:phone:WebhookSecrets has what is no secret")]
    [InlineData("WebhookTolerance", "00:00:00", "VZaps:Subscriptions:phone:WebhookTolerance 00:00:00 is out of range; give more than 0, up to 1.00:00:00.")]
    [InlineData("WebhookMaxBodyBytes", "1023", "VZaps:Subscriptions:phone:WebhookMaxBodyBytes 1023 is out of range; give 1024 to 67108864.")]
    [InlineData("WebhookMaxUnheardHandlers", "0", "VZaps:Subscriptions:phone:WebhookMaxUnheardHandlers 0 is out of range; give 1 to 100000.")]
    [InlineData("WebhookMaxUnheardResults", "-1", "VZaps:Subscriptions:phone:WebhookMaxUnheardResults -1 is out of range; give 0 to 1000000.")]
    [InlineData("WebhookUnheardResultLifetime", "2.00:00:00", "VZaps:Subscriptions:phone:WebhookUnheardResultLifetime 2.00:00:00 is out of range; give 00:00:01 to 1.00:00:00.")]
    [InlineData("Consumer", "Not A Name", "VZaps:Subscriptions:phone:Consumer 'Not A Name' is no consumer's name; give 1 to 64 of a-z0-9._-, the first a letter or digit.")]
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

    [Theory]
    [InlineData("Not A Name", "00:00:30", "Consumer 'Not A Name' is no consumer's name.")]
    [InlineData("bot", "02:00:00", "CloseTimeout 02:00:00 is out of range; give 00:00:00 to 01:00:00.")]
    public async Task What_a_host_without_credentials_uses_of_the_clients_options_is_checked_all_the_same(string consumer, string closeTimeout, string message)
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => WebhookHost.StartAsync(
            vzaps =>
            {
                vzaps.AddEventHandler<TypeHandler>("phone");
                vzaps.Services.PostConfigure<VZapsClientOptions>(options => (options.ClientToken, options.ClientSecret) = ("", ""));
            },
            values => (values["VZaps:Consumer"], values["VZaps:CloseTimeout"]) = (consumer, closeTimeout)));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_handler_finishes_when_the_host_stops()
    {
        var hold = new TaskCompletionSource();
        await using var host = await WebhookHost.StartAsync(vzaps => vzaps.AddEventHandler<Held>("phone"), services: builder => builder.Services.AddSingleton(hold));
        using var end = new LetGo(hold);
        var post = PostAsync(host, "x");
        await WebhookHost.UntilAsync(() => host.Seen.Contains("begun"), "the handler runs");
        var stopping = host.StopAsync();
        hold.SetResult();
        Assert.Equal(200, (await post).Status);
        await stopping;
    }

    [Fact]
    public async Task The_hosts_stop_waits_for_a_handler_although_the_gateway_has_hung_up()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<Held>("phone").Services.AddHostedService<StopsBeforeTheReceivers>(),
            services: builder => builder.Services.AddSingleton(hold).AddHostedService<StopsAfterTheReceivers>());
        using var end = new LetGo(hold);
        await HangUpAsync(host, "evt_1");
        await host.StopAsync();
        Assert.Equal(["begun", "ended", "host"], host.Seen);
    }

    [Fact]
    public async Task A_handler_that_outlasts_the_close_time_out_of_a_stopping_host_is_told_to_stop()
    {
        var hold = new TaskCompletionSource();
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<Held>("phone"), values => values["VZaps:CloseTimeout"] = "00:00:01", builder => builder.Services.AddSingleton(hold));
        using var end = new LetGo(hold);
        await HangUpAsync(host, "evt_1");
        await host.StopAsync();
        Assert.Equal(["begun", "cancelled"], host.Seen);
    }

    [Fact]
    public async Task A_mapped_receiver_of_ones_own_closes_with_the_host()
    {
        var (begun, told, webhook) = (new TaskCompletionSource(), new TaskCompletionSource(), new FakeWebhook());
        var receiver = new WebhookReceiver(new WebhookReceiverOptions { Secrets = [webhook.Secret], CloseTimeout = TimeSpan.FromMilliseconds(100) })
            .On(EventType.Message, async (_, cancellationToken) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                told.SetResult();
            });
        await using var host = new WebhookHost(app => app.MapVZapsWebhook("/hook", receiver)) { Webhook = webhook };
        await host.StartAsync();
        var post = PostAsync(host, "x");
        await begun.Task.WaitAsync(WebhookHost.Limit);
        await host.StopAsync();
        await told.Task.WaitAsync(WebhookHost.Limit);
        await receiver.CloseAsync().WaitAsync(WebhookHost.Limit);
        Assert.Equal(200, (await post).Status);
    }

    [Fact]
    public async Task A_receiver_that_is_closed_when_it_is_mapped_is_warned_of()
    {
        using var log = new LogLines();
        var receiver = new WebhookReceiver(new WebhookReceiverOptions { Secrets = [new FakeWebhook().Secret] });
        Assert.False(receiver.IsClosed);
        await using var host = new WebhookHost(
            app =>
            {
                app.MapVZapsWebhook("/first", receiver);
                Assert.Equal(0, log.Count(1524));
                _ = receiver.CloseAsync();
                app.MapVZapsWebhook("/second", receiver);
            },
            services: builder => builder.Logging.AddProvider(log));
        Assert.Equal((true, 1), (receiver.IsClosed, log.Count(1524)));
    }

    private static void Remembering(VZapsSubscriptionOptions options) => options.Customize = request => request with { ProcessedEvents = new InMemoryProcessedEventStore() };

    /// <summary>A post whose handler runs, and whose sender hangs up.</summary>
    private static async Task HangUpAsync(WebhookHost host, string id)
    {
        using var hangUp = new CancellationTokenSource();
        var post = host.Client.SendAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("x"), id), hangUp.Token);
        await WebhookHost.UntilAsync(() => host.Seen.Contains("begun"), "the handler runs");
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post);
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

    private sealed class FirstTimeFails(ConcurrentQueue<string> seen) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            seen.Enqueue("tried");
            return seen.Count == 1 ? throw new InvalidOperationException("the first time") : Task.CompletedTask;
        }
    }

    private sealed class Held(ConcurrentQueue<string> seen, TaskCompletionSource hold) : IEventHandler
    {
        public async Task HandleAsync(EventContext context)
        {
            seen.Enqueue("begun");
            try
            {
                await hold.Task.WaitAsync(context.CancellationToken);
                // A stop that does not wait gets by here.
                for (var turn = 0; turn < 10; turn++)
                    await Task.Yield();
                seen.Enqueue("ended");
            }
            catch (OperationCanceledException)
            {
                seen.Enqueue("cancelled");
                throw;
            }
        }
    }

    /// <summary>Added behind the client, so stopped before it: lets the handler go at the last moment.</summary>
    private sealed class StopsBeforeTheReceivers(TaskCompletionSource hold) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            hold.SetResult();
            return Task.CompletedTask;
        }
    }

    /// <summary>Added before the client, so stopped after it.</summary>
    private sealed class StopsAfterTheReceivers(ConcurrentQueue<string> seen) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            seen.Enqueue("host");
            return Task.CompletedTask;
        }
    }

    /// <summary>Lets a handler go when the test ends, also when it fails: else the host's stop would wait for it.</summary>
    private sealed class LetGo(TaskCompletionSource held) : IDisposable
    {
        public void Dispose() => held.TrySetResult();
    }
}
