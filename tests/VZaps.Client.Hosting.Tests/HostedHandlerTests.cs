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
        Assert.Equal(["visit", "left", "visit", "left"], host.Seen.Lines);
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
    [InlineData("VZaps:Subscriptions:shop:MaxConcurrency", "0", "VZaps:Subscriptions:shop:MaxConcurrency 0 is out of range")]
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
        public void Take() => seen.Lines.Enqueue("visit");

        public void Dispose() => seen.Lines.Enqueue("left");
    }
}
