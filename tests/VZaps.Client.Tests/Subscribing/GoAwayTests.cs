using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class GoAwayTests
{
    [Fact]
    public async Task The_running_handler_finishes_and_is_acked_and_what_was_queued_is_handled_once_and_in_order_after_the_reconnect()
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request with { MaxRetries = 0 });
        var first = await server.AcceptAsync();
        await first.SendHelloAsync();
        await first.SendBatchAsync(1, 2, 3);
        await seen.Running.Task.OrFailAsync();
        await first.SendGoAwayAsync();
        await first.SendEventAsync(4); // behind the goaway: not taken
        await Wait.UntilAsync(() => seen.IsHeld, "the hold");
        // A close frame that did not wait for the handler would be here within a moment.
        await Task.Delay(100);
        Assert.Null(first.ClientClose);
        seen.Release.SetResult();
        await first.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, first.ClientClose);
        Assert.Equal([Envelopes.Id(1)], first.Acks);

        var second = await server.AcceptAsync();
        Assert.Null(second.Handshake.Cursor);
        await second.SendHelloAsync();
        await second.SendBatchAsync(2, 3, 4, 5);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(5)), "the last event");
        Assert.Equal(Enumerable.Range(1, 5).Select(Envelopes.Id), seen.Handled);
        Assert.Empty(seen.Errors);
        var closed = Assert.Single(seen.Closes);
        Assert.Equal((1000, true), (closed.CloseCode, closed.WillReconnect));
    }

    [Fact]
    public async Task It_comes_back_after_the_time_that_the_server_gave_and_not_before()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request, options => options.TimeProvider = time);
        var first = await server.AcceptAsync();
        await first.SendGoAwayAsync(reconnectAfterMs: 5_000);
        await first.Ended.OrFailAsync();
        await Wait.UntilAsync(() => seen.Log.Count(1115) == 1, "the wait");
        time.Advance(TimeSpan.FromMilliseconds(4_999));
        Assert.Single(server.Handshakes);
        await AdvanceUntilAsync(time, () => server.HasConnectionWaiting);
        Assert.Empty(seen.Errors);
    }

    [Fact]
    public async Task A_server_that_says_goaway_and_then_nothing_more_is_left_all_the_same()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request, options => options.TimeProvider = time);
        var first = await server.AcceptAsync();
        first.AnswersClose = false;
        await first.SendGoAwayAsync();
        await Wait.UntilAsync(() => first.ClientClose is not null, "our close frame");
        await AdvanceUntilAsync(time, () => server.HasConnectionWaiting);
        await Wait.UntilAsync(() => seen.Closes.Count == 1, "OnClose");
        Assert.True(seen.Closes.Single().WillReconnect);
        Assert.Empty(seen.Errors);
    }

    [Fact]
    public async Task Events_behind_the_goaway_do_not_hold_the_leaving_up_although_the_queue_is_full()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow); // no limit ends while it stands still
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request, options => (options.TimeProvider, options.MaxQueuedEvents) = (time, 1));
        var first = await server.AcceptAsync();
        await first.SendEventAsync(1);
        await seen.Running.Task.OrFailAsync();
        await first.SendEventAsync(2);
        await first.SendGoAwayAsync();
        await first.SendBatchAsync(Enumerable.Range(3, 20));
        await Wait.UntilAsync(() => seen.IsHeld, "the hold");
        seen.Release.SetResult();
        await Wait.UntilAsync(() => seen.Closes.Count == 1, "OnClose");
        Assert.Equal(1000, seen.Closes.Single().CloseCode);
        await AdvanceUntilAsync(time, () => server.HasConnectionWaiting);
        var second = await server.AcceptAsync();
        await second.SendBatchAsync(Enumerable.Range(2, 21));
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(22)), "the last event");
        Assert.Equal(Enumerable.Range(1, 22).Select(Envelopes.Id), seen.Handled);
    }

    [Fact]
    public async Task A_handler_that_outlasts_the_close_time_out_is_acked_over_the_next_connection_and_runs_once()
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request, options => options.CloseTimeout = TimeSpan.FromMilliseconds(50));
        var first = await server.AcceptAsync();
        await first.SendBatchAsync(1, 2);
        await seen.Running.Task.OrFailAsync();
        await first.SendGoAwayAsync();
        await first.Ended.OrFailAsync();
        Assert.Empty(first.Acks);
        var second = await server.AcceptAsync();
        await second.SendBatchAsync(1, 2, 3);
        seen.Release.SetResult();
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(3)), "the last event");
        Assert.Equal(Enumerable.Range(1, 3).Select(Envelopes.Id), seen.Handled);
        // The copy of the first may come while it is with its handler, or after that and be acked once more.
        Assert.Equal(Enumerable.Range(1, 3).Select(Envelopes.Id), second.Acks.Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(seen.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_closes_or_cuts_before_the_handler_has_finished_raises_no_error(bool cuts)
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request with { MaxRetries = 0 });
        var first = await server.AcceptAsync();
        await first.SendBatchAsync(1, 2);
        await seen.Running.Task.OrFailAsync();
        await first.SendGoAwayAsync();
        if (cuts)
        {
            // The goaway is read before the end of the stream, as it was sent before it.
            await Wait.UntilAsync(() => seen.GoAways == 1, "goaway");
            first.Cut();
        }
        else
        {
            await first.CloseAsync(1001, "over");
        }

        var second = await server.AcceptAsync();
        seen.Release.SetResult();
        await second.SendBatchAsync(1, 2, 3);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(3)), "the last event");
        Assert.Equal(Enumerable.Range(1, 3).Select(Envelopes.Id), seen.Handled);
        Assert.Empty(seen.Errors);
        Assert.True(Assert.Single(seen.Closes).WillReconnect);
    }

    [Fact]
    public async Task Servers_that_say_goaway_before_hello_and_refuse_while_they_restart_cost_no_retry_and_no_error()
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request with { MaxRetries = 0 });
        for (var restart = 0; restart < 3; restart++)
        {
            server.RefuseNext(503, "draining", "The gateway stops.");
            server.RefuseNext(502);
            var going = await server.AcceptAsync();
            await going.SendGoAwayAsync();
            await going.SendGoAwayAsync(reconnectAfterMs: 600_000); // the first counts
            await going.Ended.OrFailAsync();
        }

        var last = await server.AcceptAsync();
        await last.SendHelloAsync();
        await last.SendEventAsync(1);
        seen.Release.SetResult();
        await Wait.UntilAsync(() => last.Acks.Count == 1, "ack");
        Assert.Empty(seen.Errors);
        Assert.Equal(10, server.Handshakes.Count);
    }

    [Fact]
    public async Task A_server_that_does_not_come_back_in_time_is_reported_and_what_was_queued_is_handled_meanwhile()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request, options => options.TimeProvider = time);
        var first = await server.AcceptAsync();
        await first.SendBatchAsync(1, 2, 3);
        await seen.Running.Task.OrFailAsync();
        for (var refusal = 0; refusal < 10_000; refusal++)
            server.RefuseNext(503);
        await first.SendGoAwayAsync();
        await Wait.UntilAsync(() => seen.IsHeld, "the hold");
        seen.Release.SetResult();
        await first.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], seen.Handled);
        await AdvanceUntilAsync(time, () => !seen.Errors.IsEmpty);
        await Wait.UntilAsync(() => seen.Handled.Count == 3, "what was queued");
        server.Refusals.Clear();
        await AdvanceUntilAsync(time, () => server.HasConnectionWaiting);
        var second = await server.AcceptAsync();
        await second.SendHelloAsync();
        await Wait.UntilAsync(() => second.Acks.Count == 3, "acks over the next connection");
    }

    [Fact]
    public async Task Without_reconnecting_a_goaway_is_an_ordinary_end()
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request with { Reconnect = false });
        await (await server.AcceptAsync()).SendGoAwayAsync();
        await seen.Subscription.WaitClosedAsync().OrFailAsync();
        Assert.Empty(seen.Errors);
        Assert.False(Assert.Single(seen.Closes).WillReconnect);
    }

    [Fact]
    public async Task A_credential_that_is_revoked_after_the_goaway_ends_the_subscription()
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await seen.Running.Task.OrFailAsync();
        await connection.SendGoAwayAsync();
        await connection.CloseAsync(4001);
        var ending = seen.Subscription.WaitClosedAsync();
        await connection.Ended.OrFailAsync();
        seen.Release.SetResult();
        Assert.Equal(4001, (await Assert.ThrowsAsync<VZapsRealtimeException>(() => ending.OrFailAsync())).CloseCode);
    }

    [Fact]
    public async Task Closing_the_subscription_while_it_leaves_still_acks_the_running_handler()
    {
        await using var server = await StartAsync();
        await using var seen = await SubscribeAsync(server, ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        await connection.SendBatchAsync(1, 2);
        await seen.Running.Task.OrFailAsync();
        await connection.SendGoAwayAsync();
        await Wait.UntilAsync(() => seen.IsHeld, "the hold");
        var closing = seen.Subscription.CloseAsync();
        seen.Release.SetResult();
        await closing.OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], connection.Acks);
        Assert.Equal([Envelopes.Id(1)], seen.Handled);
        Assert.Single(server.Handshakes);
    }

    private static async Task<ScriptedServer> StartAsync()
    {
        var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        return server;
    }

    private static async Task<Seen> SubscribeAsync(ScriptedServer server, EventSubscribeRequest request, Action<VZapsClientOptions>? change = null)
    {
        var log = new CapturedLog();
        var client = server.NewClient(options =>
        {
            options.LoggerFactory = log;
            change?.Invoke(options);
        });
        var seen = new Seen(client, await client.Events.SubscribeAsync(request), log);
        await seen.Subscription.StartAsync();
        return seen;
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> condition) => await Wait.UntilAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            return condition();
        },
        "condition with time passing");

    /// <summary>A subscription whose handler waits for <see cref="Release"/>, and what it was called with.</summary>
    private sealed class Seen : IAsyncDisposable
    {
        private readonly VZapsClient _client;

        public Seen(VZapsClient client, EventSubscription subscription, CapturedLog log)
        {
            (_client, Subscription, Log) = (client, subscription, log);
            subscription.OnError(Errors.Enqueue).OnClose(Closes.Enqueue).On(EventType.All, async e =>
            {
                Running.TrySetResult();
                await Release.Task;
                Handled.Enqueue(e.Id);
            });
        }

        public EventSubscription Subscription { get; }

        public CapturedLog Log { get; }

        public bool IsHeld => Log.Count(1214) == 1;

        public int GoAways => Log.Count(1116);

        public TaskCompletionSource Running { get; } = new();

        public TaskCompletionSource Release { get; } = new();

        public ConcurrentQueue<string> Handled { get; } = new();

        public ConcurrentQueue<VZapsException> Errors { get; } = new();

        public ConcurrentQueue<ConnectionClosed> Closes { get; } = new();

        public ValueTask DisposeAsync()
        {
            Release.TrySetResult();
            return _client.DisposeAsync();
        }
    }
}
