using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;

namespace VZaps.Client.Tests.Subscribing;

public sealed class CloseTests
{
    [Fact]
    public async Task Closing_lets_the_running_handler_finish_acks_it_and_leaves_the_queued_events()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var running = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        subscription.On(EventType.All, async (_, ct) =>
        {
            running.TrySetResult();
            await release.Task.WaitAsync(ct);
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(2);
        await running.Task.OrFailAsync();
        var closing = subscription.CloseAsync();
        var closingAgain = subscription.CloseAsync();
        // A close frame that did not wait for the handler would be here within a moment.
        await Task.Delay(100);
        Assert.False(closing.IsCompleted || connection.Ended.IsCompleted);
        release.SetResult();
        await Task.WhenAll(closing, closingAgain).OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
        await subscription.WaitClosedAsync().OrFailAsync();
        await subscription.CloseAsync().OrFailAsync();
    }

    [Fact]
    public async Task Closing_from_inside_a_handler_does_not_deadlock_and_the_handlers_event_is_acked()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        subscription.On(EventType.All, async _ =>
        {
            await subscription.CloseAsync();
            await subscription.DisposeAsync();
        });
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await subscription.WaitClosedAsync().OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_from_inside_a_callback_does_not_deadlock(bool onOpen)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        if (onOpen)
            subscription.OnOpen(() => subscription.CloseAsync());
        else
            subscription.OnError(_ => subscription.CloseAsync());
        var connection = await server.AcceptAsync();
        await connection.SendAsync("garbage");
        await subscription.WaitClosedAsync().OrFailAsync();
    }

    [Fact]
    public async Task Waiting_for_the_end_inside_a_handler_is_refused()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        subscription.On(EventType.All, _ => subscription.WaitClosedAsync());
        subscription.OnError(errors.Add);
        await subscription.StartAsync();
        await (await server.AcceptAsync()).SendEventAsync(1);
        await Wait.UntilAsync(() => errors.Count == 1, "error");
        Assert.IsType<InvalidOperationException>(errors[0].InnerException);
    }

    [Fact]
    public async Task A_handler_that_outlasts_the_close_time_out_is_cancelled_and_its_event_is_not_acked()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.CloseTimeout = TimeSpan.FromMilliseconds(50));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var running = new TaskCompletionSource();
        subscription.On(EventType.All, async (_, ct) =>
        {
            running.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await running.Task.OrFailAsync();
        await subscription.CloseAsync().OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Empty(connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_does_not_hold_the_close_for_ever()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.CloseTimeout = TimeSpan.FromMilliseconds(50));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var running = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        subscription.On(EventType.All, async _ =>
        {
            running.SetResult();
            await never.Task;
        });
        await subscription.StartAsync();
        await (await server.AcceptAsync()).SendEventAsync(1);
        await running.Task.OrFailAsync();
        await subscription.CloseAsync().OrFailAsync();
        never.SetResult();
    }

    [Fact]
    public async Task Cancelling_the_wait_closes_the_subscription_and_completes_normally()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        using var stopping = new CancellationTokenSource();
        var waiting = subscription.WaitClosedAsync(stopping.Token);
        var connection = await server.AcceptAsync();
        await stopping.CancelAsync();
        await waiting.OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task Disposing_the_client_closes_its_subscriptions()
    {
        await using var server = await ScriptedServer.StartAsync();
        var client = server.NewClient();
        await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        await client.DisposeAsync();
        await client.DisposeAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task Closing_while_the_queue_is_full_and_nothing_was_started_ends_at_once()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.MaxQueuedEvents = 1);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        for (var number = 1; number <= 20; number++)
            await connection.SendEventAsync(number);
        await subscription.CloseAsync().OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Empty(connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Closing_from_inside_a_handler_twice_and_under_load_finishes_the_running_handlers_and_acks_them(int maxConcurrency)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient(options => options.CloseTimeout = TimeSpan.FromSeconds(10));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { MaxConcurrency = maxConcurrency });
        var (began, finished) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        subscription.On(EventType.All, async e =>
        {
            began.Enqueue(e.Id);
            await Task.Yield();
            if (e.Id == Envelopes.Id(50))
                await Task.WhenAll(subscription.CloseAsync(), subscription.CloseAsync());
            await Task.Delay(1);
            finished.Enqueue(e.Id);
        });
        var connection = await server.AcceptAsync();
        await connection.SendAsync($"[{string.Join(',', Enumerable.Range(1, 500).Select(each => Envelopes.Json(each, data: Envelopes.InChat($"{each % 7}"))))}]");
        var watch = Stopwatch.StartNew();
        await subscription.WaitClosedAsync().OrFailAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed}.");
        await connection.Ended.OrFailAsync();
        Assert.InRange(finished.Count, 1, 499);
        Assert.Equal(began.Order(StringComparer.Ordinal), finished.Order(StringComparer.Ordinal));
        Assert.Equal(finished.Order(StringComparer.Ordinal), connection.Acks.Order(StringComparer.Ordinal));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }
}
