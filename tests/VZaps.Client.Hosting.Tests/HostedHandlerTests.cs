using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using VZaps.Client.Testing;

namespace VZaps.Client.Hosting.Tests;

public sealed class HostedHandlerTests
{
    [Fact]
    public async Task A_handler_gets_the_events_of_its_subscription_as_the_consumer_of_the_configuration()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("shop"));
        await host.StartAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "hello"), "shop-bot");
        Assert.Equal(["hello"], host.Seen.Lines);
    }

    [Fact]
    public async Task Each_event_has_a_scope_of_its_own_which_ends_with_it()
    {
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<ScopedHandler>("shop", EventType.Message), services: services => services.AddScoped<Visit>());
        await host.StartAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "a"), "shop-bot");
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "b"), "shop-bot");
        Assert.Equal(["visit 1", "left", "visit 1", "left"], host.Seen.Lines);
    }

    [Fact]
    public async Task The_handlers_of_an_event_share_its_scope_and_another_attempt_has_another()
    {
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<ScopedHandler>("shop").AddEventHandler<ScopedTextHandler, MessageEvent>("shop")
                .ConfigureSubscription("shop", options => options.Customize = request => request with { HandlerRetry = new ExponentialHandlerRetry(1, TimeSpan.Zero) }),
            services: services => services.AddScoped<Visit>());
        host.Seen.Failures = 1;
        await host.StartAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "a"), "shop-bot");
        await TestHost.UntilAsync(() => Task.FromResult(host.Seen.Lines.Count == 6), "both scopes ended");
        Assert.Equal(["visit 1", "visit 2", "left", "visit 1", "left"], host.Seen.Lines.Where(line => line != "failed"));
    }

    [Fact]
    public async Task A_scope_that_cannot_be_ended_counts_as_a_handler_that_threw()
    {
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<ScopedHandler>("shop", EventType.Message), values => values["VZaps:FailedEventDelay"] = "00:00:00", services => services.AddScoped<Visit>());
        host.Seen.FailuresToLeave = 1;
        await host.StartAsync();
        var id = host.Gateway.PublishText(TestHost.Chat, "a");
        await host.Gateway.WaitAckedAsync(id, "shop-bot");
        Assert.Equal(2, host.Gateway.Find(id, "shop-bot").Deliveries);
    }

    [Fact]
    public async Task Where_a_scope_cannot_be_ended_all_its_handlers_are_called_again()
    {
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<ScopedHandler>("shop").AddEventHandler<ScopedTextHandler, MessageEvent>("shop")
                .ConfigureSubscription("shop", options => options.Customize = request => request with { HandlerRetry = new ExponentialHandlerRetry(1, TimeSpan.Zero) }),
            services: services => services.AddScoped<Visit>());
        host.Seen.FailuresToLeave = 1;
        await host.StartAsync();
        var id = host.Gateway.PublishText(TestHost.Chat, "a");
        await host.Gateway.WaitAckedAsync(id, "shop-bot");
        Assert.Equal(["visit 1", "visit 2", "left", "visit 1", "visit 2", "left"], host.Seen.Lines);
        Assert.Equal(1, host.Gateway.Find(id, "shop-bot").Deliveries);
    }

    [Fact]
    public async Task Two_handlers_of_a_subscription_share_its_connection_and_both_get_the_event()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<TextHandler, MessageEvent>("shop").AddEventHandler<TypeHandler>("shop"));
        await host.StartAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "hello"), "shop-bot");
        Assert.Equal(["hello", "Message"], host.Seen.Lines);
        Assert.Equal(1, host.Gateway.Connections);
    }

    [Fact]
    public async Task A_handler_that_throws_leaves_its_event_unacked_and_gets_it_again()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<FirstTimeFails>("shop"), values => values["VZaps:FailedEventDelay"] = "00:00:00");
        await host.StartAsync();
        var id = host.Gateway.PublishText(TestHost.Chat, "x");
        await host.Gateway.WaitAckedAsync(id, "shop-bot");
        Assert.Equal(2, host.Gateway.Find(id, "shop-bot").Deliveries);
    }

    [Fact]
    public async Task The_hosts_stop_waits_for_the_running_handler_and_sends_its_ack()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<HeldHandler>("shop"));
        host.Seen.Hold = new TaskCompletionSource();
        await host.StartAsync();
        var id = host.Gateway.PublishText(TestHost.Chat, "x");
        await TestHost.UntilAsync(() => Task.FromResult(host.Seen.Lines.Contains("begun")), "the handler runs");
        var stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        host.Seen.Hold.SetResult();
        await stopping;
        await host.Gateway.WaitAckedAsync(id, "shop-bot");
        await host.Gateway.WaitConnectedAsync(0);
    }

    [Fact]
    public async Task The_hosts_own_patience_does_not_cut_an_ack()
    {
        // Its stop begins with a token that is cancelled already.
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<HeldHandler>("shop"), services: services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero));
        host.Seen.Hold = new TaskCompletionSource();
        await host.StartAsync();
        var id = host.Gateway.PublishText(TestHost.Chat, "x");
        await TestHost.UntilAsync(() => Task.FromResult(host.Seen.Lines.Contains("begun")), "the handler runs");
        var stopping = host.StopAsync();
        await TestHost.UntilAsync(() => Task.FromResult(host.Subscriptions.Find("shop")!.State == SubscriptionState.Closing), "the close has begun");
        Assert.False(stopping.IsCompleted);
        host.Seen.Hold.SetResult();
        await stopping;
        await host.Gateway.WaitAckedAsync(id, "shop-bot");
    }

    [Fact]
    public async Task A_handler_that_never_returns_holds_the_stop_no_longer_than_the_close_time_out()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<HeldHandler>("shop"), values => values["VZaps:CloseTimeout"] = "00:00:00.05");
        host.Seen.Hold = new TaskCompletionSource();
        await host.StartAsync();
        host.Gateway.PublishText(TestHost.Chat, "x");
        await TestHost.UntilAsync(() => Task.FromResult(host.Seen.Lines.Contains("begun")), "the handler runs");
        await host.StopAsync();
        host.Seen.Hold.SetResult();
    }

    [Fact]
    public async Task The_stop_closes_all_subscriptions_at_once()
    {
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<HeldHandler>("shop").AddEventHandler<HeldHandler>("office"),
            values =>
            {
                values["VZaps:Subscriptions:office:InstanceId"] = values["VZaps:Subscriptions:shop:InstanceId"];
                values["VZaps:Subscriptions:office:InstanceToken"] = values["VZaps:Subscriptions:shop:InstanceToken"];
            });
        host.Seen.Hold = new TaskCompletionSource();
        await host.StartAsync();
        await host.Gateway.WaitConnectedAsync(2);
        host.Gateway.PublishText(TestHost.Chat, "x");
        await TestHost.UntilAsync(() => Task.FromResult(host.Seen.Lines.Count == 2), "both handlers run");
        var stopping = host.StopAsync();
        await TestHost.UntilAsync(
            () => Task.FromResult(host.Subscriptions.Names.All(name => host.Subscriptions.Find(name)!.State == SubscriptionState.Closing)), "both close");
        host.Seen.Hold.SetResult();
        await stopping;
    }

    [Fact]
    public async Task Code_beside_the_handlers_hears_of_errors_and_sees_and_steers_the_connection()
    {
        var errors = new System.Collections.Concurrent.ConcurrentQueue<VZapsException>();
        await using var host = new TestHost(
            vzaps => vzaps.AddEventHandler<FirstTimeFails>("shop").OnSubscribed("shop", (subscription, services) =>
            {
                services.GetRequiredService<Seen>().Lines.Enqueue("subscribed");
                subscription.OnError(errors.Enqueue);
            }),
            values => values["VZaps:FailedEventDelay"] = "00:00:00");
        Assert.Equal(["shop"], host.Subscriptions.Names);
        Assert.Null(host.Subscriptions.Find("shop"));
        Assert.Contains("'office'", Assert.Throws<ArgumentException>(() => host.Subscriptions.Find("office")).Message, StringComparison.Ordinal);
        await host.StartAsync();
        await TestHost.UntilAsync(() => Task.FromResult(host.Subscriptions.Find("shop")?.State == SubscriptionState.Open), "it is open");
        Assert.Equal(["subscribed"], host.Seen.Lines);
        host.Seen.Lines.Clear();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "x"), "shop-bot");
        await TestHost.UntilAsync(() => Task.FromResult(errors.Count == 1), "the error");
        var first = host.Subscriptions.Find("shop")!.Connection;
        host.Subscriptions.Find("shop")!.ReconnectNow();
        await TestHost.UntilAsync(() => Task.FromResult(host.Subscriptions.Find("shop")!.Connection is { } now && now != first), "another connection");
        Assert.Null(host.Subscriptions.FindEnd("shop"));
        host.Gateway.Close(4004, "deleted");
        await TestHost.UntilAsync(() => Task.FromResult(host.Subscriptions.FindEnd("shop") is VZapsRealtimeException { CloseCode: 4004 }), "its end");
    }

    [Fact]
    public async Task A_revoked_credential_stops_the_host()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<TypeHandler>("shop"));
        await host.StartAsync();
        var stopped = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopped.SetResult);
        host.Gateway.Close(4001, "revoked");
        await stopped.Task.WaitAsync(TestHost.Limit);
    }

    [Theory]
    [InlineData("VZaps:Subscriptions:shop:InstanceToken", "", "VZaps:Subscriptions:shop:InstanceToken is missing.")]
    [InlineData("VZaps:Subscriptions:shop:Events", "Message,Mesage", "VZaps:Subscriptions:shop:Events has 'Mesage', which is no event type")]
    [InlineData("VZaps:Subscriptions:shop:RetryDelay", "1h", "VZaps:Subscriptions:shop:RetryDelay '1h' is not a time such as 00:00:30.")]
    [InlineData("VZaps:Subscriptions:shop:RetryDelay", "00:01:00", "VZaps:Subscriptions:shop:RetryDelay 00:01:00 is out of range")]
    [InlineData("VZaps:Subscriptions:shop:MaxRetries", "-1", "VZaps:Subscriptions:shop:MaxRetries -1 is out of range")]
    [InlineData("VZaps:Subscriptions:shop:HealthTimeout", "00:02:00", "VZaps:Subscriptions:shop:HealthTimeout 00:02:00 is out of range; give 00:00:00.1 to 00:01:00.")]
    [InlineData("VZaps:Subscriptions:shop:MaxConcurrency", "0", "VZaps:Subscriptions:shop:MaxConcurrency 0 is out of range")]
    [InlineData("VZaps:Subscriptions:shop:MaxConcurrency", "1025", "VZaps:Subscriptions:shop:MaxConcurrency 1025 is out of range; give 1 to 1024.")]
    [InlineData("VZaps:Subscriptions:shop:Consumer", "Shop", "VZaps:Subscriptions:shop:Consumer 'Shop' is no consumer's name; give 1 to 64 of a-z0-9._-, the first a letter or digit.")]
    [InlineData("VZaps:BaseUrl", "gateway", "VZaps:BaseUrl 'gateway' is not an absolute address")]
    [InlineData("VZaps:UseExtension", "maybe", "VZaps:UseExtension 'maybe' is not true or false.")]
    [InlineData("VZaps:MaxQueuedEvents", "0", "MaxQueuedEvents 0 is out of range; give 1 to 1000000.")]
    [InlineData("VZaps:Consumer", "Not A Name", "Consumer 'Not A Name' is no consumer's name.")]
    public async Task A_bad_value_stops_the_start_with_its_key(string key, string value, string message)
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<TypeHandler>("shop"), values => values[key] = value);
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_filter_is_a_list_or_one_text()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<TypeHandler>("shop"), values =>
        {
            values["VZaps:Subscriptions:shop:Events:0"] = "Connected";
            values["VZaps:Subscriptions:shop:Events:1"] = "Disconnected";
        });
        await host.StartAsync();
        var message = host.Gateway.PublishText(TestHost.Chat, "x");
        await host.Gateway.WaitAckedAsync(host.Gateway.Publish(EventType.Disconnected, """{"event":{}}"""), "shop-bot");
        Assert.Equal(0, host.Gateway.Find(message, "shop-bot").Deliveries);
    }

    [Fact]
    public async Task Code_has_the_last_word_on_a_subscription()
    {
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<TypeHandler>("shop")
            .ConfigureSubscription("shop", options => options.Customize = request => request with { Consumer = "other" }));
        await host.StartAsync();
        await host.Gateway.WaitAckedAsync(host.Gateway.PublishText(TestHost.Chat, "x"), "other");
    }

    private sealed class TextHandler(Seen seen) : IEventHandler<MessageEvent>
    {
        public Task HandleAsync(MessageEvent payload, EventContext context)
        {
            seen.Lines.Enqueue(payload.Text!);
            return Task.CompletedTask;
        }
    }

    private sealed class TypeHandler(Seen seen) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            seen.Lines.Enqueue(context.Event.Type.Name);
            return Task.CompletedTask;
        }
    }

    private sealed class FirstTimeFails(Seen seen) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            seen.Lines.Enqueue("tried");
            return seen.Lines.Count == 1 ? throw new InvalidOperationException("the first time") : Task.CompletedTask;
        }
    }

    private sealed class HeldHandler(Seen seen) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            seen.Lines.Enqueue("begun");
            return seen.Hold!.Task;
        }
    }

    private sealed class ScopedTextHandler(Visit visit, Seen seen) : IEventHandler<MessageEvent>
    {
        public Task HandleAsync(MessageEvent payload, EventContext context)
        {
            visit.Take();
            if (seen.Failures-- <= 0)
                return Task.CompletedTask;
            seen.Lines.Enqueue("failed");
            throw new InvalidOperationException("the first time");
        }
    }

    private sealed class ScopedHandler(Visit visit) : IEventHandler
    {
        public Task HandleAsync(EventContext context)
        {
            visit.Take();
            return Task.CompletedTask;
        }
    }

    private sealed class Visit(Seen seen) : IDisposable
    {
        private int _visits;

        public void Take() => seen.Lines.Enqueue($"visit {++_visits}");

        public void Dispose()
        {
            seen.Lines.Enqueue("left");
            if (seen.FailuresToLeave-- > 0)
                throw new InvalidOperationException("the changes are not saved");
        }
    }
}
