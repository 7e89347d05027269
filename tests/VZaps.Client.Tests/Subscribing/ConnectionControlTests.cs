using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Subscribing;
using VZaps.Client.Tests.Realtime;

namespace VZaps.Client.Tests.Subscribing;

public sealed class ConnectionControlTests
{
    [Fact]
    public async Task A_policy_of_the_users_decides_the_waits_and_the_end()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var policy = new RecordingPolicy(TimeSpan.Zero, TimeSpan.Zero, null);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { ReconnectPolicy = policy, MaxRetries = 0 });
        var closes = new ConcurrentQueue<ConnectionClosed>();
        var opened = 0;
        subscription.OnOpen(() => opened++).OnClose(closes.Enqueue);
        var waiting = subscription.WaitClosedAsync();
        var first = await server.AcceptAsync();
        server.RefuseNext(503);
        await first.CloseAsync(1013);
        var second = await server.AcceptAsync();
        await Wait.UntilAsync(() => opened == 2, "the client's own opening");
        second.Cut();
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(() => waiting.OrFailAsync());
        Assert.Contains("policy", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], policy.Asked.Select(attempt => attempt.Number));
        Assert.Equal((1013, 503), (policy.Asked[0].CloseCode, policy.Asked[1].HandshakeStatus));
        Assert.Equal([true, false], closes.Select(close => close.WillReconnect));
    }

    [Fact]
    public async Task A_policy_is_not_asked_where_nothing_can_heal_and_one_that_throws_ends_the_subscription()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var policy = new RecordingPolicy(TimeSpan.Zero);
        await using var revoked = await client.Events.SubscribeAsync(ScriptedServer.Request with { ReconnectPolicy = policy });
        await (await server.AcceptAsync()).CloseAsync(4001);
        Assert.Equal(4001, (await Assert.ThrowsAsync<VZapsRealtimeException>(() => revoked.WaitClosedAsync().OrFailAsync())).CloseCode);
        Assert.Empty(policy.Asked);
        await using var broken = await client.Events.SubscribeAsync(ScriptedServer.Request with { ReconnectPolicy = new ThrowingPolicy() });
        (await server.AcceptAsync()).Cut();
        Assert.IsType<InvalidOperationException>((await Assert.ThrowsAsync<VZapsException>(() => broken.WaitClosedAsync().OrFailAsync())).InnerException);
    }

    [Fact]
    public async Task The_state_follows_the_connection_and_those_who_wait_for_it_are_told()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var changes = new ConcurrentQueue<SubscriptionStateChangedEventArgs>();
        subscription.StateChanged += (_, change) => changes.Enqueue(change);
        Assert.Equal(SubscriptionState.Open, subscription.State);
        await subscription.WaitForStateAsync(SubscriptionState.Open).OrFailAsync();
        var reconnecting = subscription.WaitForStateAsync(SubscriptionState.Reconnecting);
        (await server.AcceptAsync()).Cut();
        await reconnecting.OrFailAsync();
        await subscription.WaitForStateAsync(SubscriptionState.Open).OrFailAsync();
        await subscription.StartAsync();
        await subscription.CloseAsync().OrFailAsync();
        Assert.Equal(SubscriptionState.Closed, subscription.State);
        Assert.Equal(
            [SubscriptionState.Open, SubscriptionState.Reconnecting, SubscriptionState.Open, SubscriptionState.Closing, SubscriptionState.Closed],
            changes.Select(change => change.Current));
        Assert.Equal([false, true, false, false, false], changes.Select(change => change.Error is not null));
        await Assert.ThrowsAsync<VZapsException>(() => subscription.WaitForStateAsync(SubscriptionState.Open));
    }

    [Fact]
    public async Task An_end_for_good_fails_every_wait_with_its_reason_and_a_token_ends_one()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        using var impatient = new CancellationTokenSource();
        var given = subscription.WaitForStateAsync(SubscriptionState.Reconnecting, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        var waits = new[]
        {
            subscription.WaitForStateAsync(SubscriptionState.Reconnecting), subscription.WaitForStateAsync(SubscriptionState.Connecting, CancellationToken.None),
            subscription.WaitClosedAsync(),
        };
        await (await server.AcceptAsync()).CloseAsync(4004);
        foreach (var wait in waits)
            Assert.Equal(4004, (await Assert.ThrowsAsync<VZapsRealtimeException>(() => wait.OrFailAsync())).CloseCode);
        await subscription.WaitForStateAsync(SubscriptionState.Closed).OrFailAsync();
    }

    [Fact]
    public async Task ReconnectNow_ends_a_wait_even_one_that_the_server_asked_for()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.LoggerFactory) = (time, log));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var first = await server.AcceptAsync();
        server.Refusals.Enqueue(context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return ScriptedServer.RefuseAsync(context, 503, "draining", "Later.");
        });
        first.Cut();
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                return log.Count(1112) == 2;
            },
            "the long wait");
        subscription.ReconnectNow();
        await server.AcceptAsync();
    }

    [Fact]
    public async Task ReconnectNow_leaves_an_open_connection_for_another_and_costs_no_event_and_no_retry()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { MaxRetries = 0 });
        var errors = new ConcurrentQueue<VZapsException>();
        var release = new TaskCompletionSource();
        var handled = new ConcurrentQueue<string>();
        subscription.OnError(errors.Enqueue).On(EventType.All, async e =>
        {
            handled.Enqueue(e.Id);
            await release.Task;
        });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        await first.SendBatchAsync(1, 2);
        await Wait.UntilAsync(() => handled.Count == 1, "the handler");
        subscription.ReconnectNow();
        await first.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, first.ClientClose);
        var second = await server.AcceptAsync();
        await second.SendBatchAsync(1, 2, 3);
        release.SetResult();
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(3)), "acks");
        Assert.Equal(Enumerable.Range(1, 3).Select(Envelopes.Id), handled);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task ReconnectNow_does_nothing_where_a_subscription_does_not_reconnect()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { Reconnect = false });
        subscription.On(EventType.All, _ => { });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        subscription.ReconnectNow();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(SubscriptionState.Open, subscription.State);
    }

    [Fact]
    public async Task ReconnectNow_does_not_wait_for_room_in_a_full_queue_and_what_had_none_is_handled_in_its_turn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.MaxQueuedEvents) = (time, 2));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var release = new TaskCompletionSource();
        using var end = release.LetGoAtEnd();
        var handled = new ConcurrentQueue<string>();
        subscription.On(EventType.All, async e =>
        {
            handled.Enqueue(e.Id);
            await release.Task;
        });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        for (var number = 1; number <= 5; number++)
            await first.SendEventAsync(number);
        await Wait.UntilAsync(() => handled.Count == 1, "the handler");
        subscription.ReconnectNow();
        await first.Ended.OrFailAsync(); // the clock stands: no time-out has cut it
        Assert.Equal(WebSocketCloseStatus.NormalClosure, first.ClientClose);
        var second = await server.AcceptAsync();
        Assert.Null(second.Handshake.Cursor);
        for (var number = 1; number <= 5; number++)
            await second.SendEventAsync(number);
        release.SetResult();
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(5)), "acks");
        Assert.Equal(Enumerable.Range(1, 5).Select(Envelopes.Id), handled);
    }

    [Fact]
    public async Task A_callback_that_never_returns_does_not_keep_the_events_of_the_next_connection_waiting()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.LoggerFactory) = (time, log));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var never = new TaskCompletionSource();
        using var end = never.LetGoAtEnd();
        var opened = 0;
        subscription.On(EventType.All, _ => { }).OnOpen(() => opened++).OnError(_ => never.Task);
        await subscription.StartAsync();
        server.RefuseNext(503);
        (await server.AcceptAsync()).Cut();
        ServerConnection? second = null;
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                return server.HasConnectionWaiting;
            },
            "the next connection");
        second = await server.AcceptAsync();
        await second.SendEventAsync(1);
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(NoticeLoop.Patience);
                return second.Acks.Count == 1;
            },
            "ack");
        Assert.Equal(2, opened);
        Assert.NotEqual(0, log.Count(1403));
    }

    [Fact]
    public async Task A_callback_that_was_left_to_itself_is_not_called_again_before_it_has_returned_and_what_it_missed_is_told()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.LoggerFactory) = (time, log));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var hold = new TaskCompletionSource();
        using var end = hold.LetGoAtEnd();
        var (calls, others) = (0, 0);
        // First the other one: it must not be taken for slow while time goes on.
        subscription
            .OnError(_ => others++)
            .OnError(_ =>
            {
                calls++;
                return hold.Task;
            });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendAsync("no event");
        await Wait.UntilAsync(() => calls == 1, "it is called");
        await Wait.UntilAsync(
            () =>
            {
                if (log.Count(1403) == 1)
                    return true;
                time.Advance(NoticeLoop.Patience);
                return log.Count(1403) == 1;
            },
            "it is left to itself");
        await connection.SendAsync("no event");
        await connection.SendAsync("no event");
        await Wait.UntilAsync(() => others == 3, "the other one hears of all");
        await Wait.UntilAsync(() => log.Count(1404) == 1, "the skipped call's line");
        Assert.Equal(1, calls);
        hold.SetResult();
        await Wait.UntilAsync(() => log.Count(1405) == 1, "its end");
        Assert.Contains("it missed 2 calls", log.Lines.Single(line => line.Id.Id == 1405).Text, StringComparison.Ordinal);
        await connection.SendAsync("no event");
        await Wait.UntilAsync(() => (calls, others) == (2, 4), "it is called again");
    }

    [Fact]
    public async Task A_long_OnOpen_is_waited_for_and_the_log_says_so()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.LoggerFactory) = (time, log));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var opening = new TaskCompletionSource();
        using var end = opening.LetGoAtEnd();
        var begun = new TaskCompletionSource();
        var handled = 0;
        subscription.On(EventType.All, _ => handled++).OnOpen(() =>
        {
            begun.TrySetResult();
            return opening.Task;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await begun.Task.OrFailAsync();
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(NoticeLoop.Patience);
                return log.Count(1403) == 1;
            },
            "the warning");
        // There is no event to wait for that says 'nothing happened'; a moment makes the failure likely to show.
        await Task.Delay(50);
        Assert.Equal(0, handled);
        opening.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
    }

    private sealed class ThrowingPolicy : IReconnectPolicy
    {
        public TimeSpan? NextDelay(ReconnectAttempt attempt) => throw new InvalidOperationException("no idea");
    }
}
