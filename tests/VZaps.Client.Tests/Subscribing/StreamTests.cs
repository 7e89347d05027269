using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class StreamTests
{
    [Fact]
    public async Task Deliveries_come_in_order_and_only_what_was_acked_is_acked()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(consumer: "reports");
        await connection.SendBatchAsync(1, 2, 3);
        var deliveries = new List<EventDelivery>();
        for (var number = 1; number <= 3; number++)
        {
            Assert.True(await moving.AsTask().OrFailAsync());
            deliveries.Add(stream.Current);
            if (number < 3)
                moving = stream.MoveNextAsync();
        }

        Assert.Equal(Enumerable.Range(1, 3).Select(Envelopes.Id), deliveries.Select(delivery => delivery.Event.Id));
        Assert.All(deliveries, delivery => Assert.Equal(("reports", 1), (delivery.Consumer, delivery.DeliveryCount)));
        await deliveries[2].AckAsync();
        await deliveries[0].AckAsync();
        await deliveries[0].NackAsync(); // the first answer counts
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        await stream.DisposeAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(3), Envelopes.Id(1)], connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
        Assert.Empty(connection.FramesOf("nack"));
        await Assert.ThrowsAsync<VZapsRealtimeException>(() => deliveries[1].AckAsync());
    }

    [Fact]
    public async Task What_is_nacked_or_rejected_is_said_so_and_handled_when_it_comes_again()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var seen = new List<int>();
        var pulling = Task.Run(async () =>
        {
            await foreach (var delivery in client.Events.StreamAsync(ScriptedServer.Request))
            {
                seen.Add(delivery.DeliveryCount);
                switch (seen.Count)
                {
                    case 1:
                        await delivery.NackAsync(TimeSpan.FromSeconds(7));
                        break;
                    case 2:
                        await delivery.RejectAsync("no use");
                        break;
                    default:
                        await delivery.AckAsync();
                        return;
                }
            }
        });
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Frames.Count == 1, "nack");
        Assert.Equal($$"""{"type":"nack","event_id":"{{Envelopes.Id(1)}}","delay_ms":7000}""", connection.Frames.Last());
        await connection.SendAsync(Envelopes.Json(1)[..^1] + ",\"delivery\":2}");
        await Wait.UntilAsync(() => connection.Frames.Count == 2, "reject");
        Assert.Equal($$"""{"type":"reject","event_id":"{{Envelopes.Id(1)}}","reason":"no use"}""", connection.Frames.Last());
        await connection.SendEventAsync(1);
        await pulling.OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], connection.Acks);
        Assert.Equal([1, 2, 1], seen);
    }

    [Fact]
    public async Task An_exception_in_the_loop_leaves_its_event_and_those_behind_it_owed()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var pulling = Task.Run(async () =>
        {
            await foreach (var delivery in client.Events.StreamAsync(ScriptedServer.Request))
            {
                if (delivery.Event.Id == Envelopes.Id(2))
                    throw new InvalidOperationException("broken off");
                await delivery.AckAsync();
            }
        });
        var connection = await server.AcceptAsync();
        for (var number = 1; number <= 5; number++)
            await connection.SendEventAsync(number);
        await Assert.ThrowsAsync<InvalidOperationException>(() => pulling.OrFailAsync());
        await connection.Ended.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task A_copy_of_what_is_out_is_dropped_and_the_server_is_told_that_it_is_worked_on()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(ackTimeoutMs: 300);
        await connection.SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        var first = stream.Current;
        await Wait.UntilAsync(() => connection.FramesOf("working").Any(), "a word for it");
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(2);
        Assert.True(await stream.MoveNextAsync().AsTask().OrFailAsync());
        Assert.Equal(Envelopes.Id(2), stream.Current.Event.Id);
        await first.AckAsync();
        await stream.Current.AckAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
    }

    [Fact]
    public async Task What_nobody_answered_for_too_long_is_given_out_again_when_a_copy_comes_and_a_late_ack_counts()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.MaxHandlerTime) = (time, TimeSpan.FromMinutes(1)));
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        var forgotten = stream.Current;
        time.Advance(TimeSpan.FromSeconds(59));
        await forgotten.ExtendAsync();
        time.Advance(TimeSpan.FromSeconds(59));
        await connection.SendEventAsync(1); // not yet
        await connection.SendEventAsync(2);
        Assert.True(await stream.MoveNextAsync().AsTask().OrFailAsync());
        Assert.Equal(Envelopes.Id(2), stream.Current.Event.Id);
        time.Advance(TimeSpan.FromSeconds(1));
        await connection.SendEventAsync(1);
        Assert.True(await stream.MoveNextAsync().AsTask().OrFailAsync());
        Assert.Equal(Envelopes.Id(1), stream.Current.Event.Id);
        await forgotten.NackAsync(); // its copy is answered instead
        await stream.Current.AckAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
    }

    [Fact]
    public async Task An_error_that_ends_the_subscription_ends_the_pulling_with_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.CloseAsync(4001, "revoked");
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(() => moving.AsTask().OrFailAsync());
        Assert.Equal(4001, error.CloseCode);
    }

    [Fact]
    public async Task A_wrong_request_is_refused_at_once_and_not_only_when_it_is_enumerated()
    {
        await using var client = ScriptedServer.NewClientAt(new Uri("http://localhost:1"));
        Assert.Throws<ArgumentException>(() => client.Events.StreamAsync(new EventSubscribeRequest()));
    }

    [Fact]
    public async Task Disposing_the_client_ends_the_pulling()
    {
        await using var server = await ScriptedServer.StartAsync();
        var client = server.NewClient();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        Assert.True(await first.AsTask().OrFailAsync());
        await stream.Current.AckAsync();
        var moving = stream.MoveNextAsync();
        await client.DisposeAsync();
        Assert.False(await moving.AsTask().OrFailAsync());
        await connection.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task Disposing_the_client_in_the_loops_body_returns_at_once_what_the_body_holds_is_acked_and_the_loop_ends()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var seen = new List<string>();
        var pulling = Task.Run(async () =>
        {
            await foreach (var delivery in client.Events.StreamAsync(ScriptedServer.Request).ConfigureAwait(false))
            {
                seen.Add(delivery.Event.Id);
                await Task.Yield();
                if (delivery.Event.Id == Envelopes.Id(2))
                    await Task.WhenAll(client.DisposeAsync().AsTask(), client.DisposeAsync().AsTask());
                await delivery.AckAsync();
            }
        });
        var connection = await server.AcceptAsync();
        await connection.SendBatchAsync(1, 2, 3);
        await pulling.OrFailAsync(); // before CloseTimeout is over
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(2)], seen);
        Assert.Equal(seen, connection.Acks);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task The_body_of_a_loop_is_known_as_such_around_another_loop_and_not_when_that_has_ended()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var outer = server.NewClient();
        await using var inner = server.NewClient();
        var pulling = Task.Run(async () =>
        {
            await foreach (var delivery in outer.Events.StreamAsync(ScriptedServer.Request))
            {
                await foreach (var other in inner.Events.StreamAsync(ScriptedServer.Request))
                {
                    await other.AckAsync();
                    break;
                }

                await outer.DisposeAsync();
                await delivery.AckAsync();
            }
        });
        var first = await server.AcceptAsync();
        await first.SendEventAsync(1);
        var second = await server.AcceptAsync();
        await second.SendEventAsync(2);
        await pulling.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], first.Acks);
        Assert.Equal([Envelopes.Id(2)], second.Acks);
    }

    [Fact]
    public async Task Leaving_the_loop_waits_for_the_end_of_the_stream()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var pulling = Task.Run(async () =>
        {
            await foreach (var delivery in client.Events.StreamAsync(ScriptedServer.Request))
            {
                await delivery.AckAsync();
                break;
            }
        });
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await pulling.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    [Fact]
    public async Task Disposing_the_client_elsewhere_waits_until_what_is_out_was_answered()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var (isOut, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var end = answer.LetGoAtEnd();
        var pulling = Task.Run(async () =>
        {
            await foreach (var delivery in client.Events.StreamAsync(ScriptedServer.Request))
            {
                isOut.SetResult();
                await answer.Task;
                await delivery.AckAsync();
            }
        });
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await isOut.Task.OrFailAsync();
        var disposing = client.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        answer.SetResult();
        await disposing.OrFailAsync();
        Assert.Equal([Envelopes.Id(1)], connection.Acks);
        await pulling.OrFailAsync();
    }

    [Fact]
    public async Task A_late_ack_of_a_delivery_that_was_replaced_counts_where_it_has_no_transaction()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.MaxHandlerTime) = (time, TimeSpan.FromMinutes(1)));
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request).GetAsyncEnumerator();
        var (connection, forgotten) = await ReplaceAsync(server, stream, time);
        await forgotten.AckAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        await stream.Current.AckAsync();
    }

    [Fact]
    public async Task A_transaction_that_takes_its_time_to_be_undone_holds_up_neither_the_socket_nor_the_copy_and_a_late_ack_says_that_it_was()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.MaxHandlerTime, options.CloseTimeout) = (time, TimeSpan.FromMinutes(1), TimeSpan.Zero));
        var store = new UndoingStore();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request with { ProcessedEvents = store }).GetAsyncEnumerator();
        using var end = store.Undone.LetGoAtEnd();
        var (connection, forgotten) = await ReplaceAsync(server, stream, time);
        await store.Undoing.Task.OrFailAsync();
        var late = await Assert.ThrowsAsync<VZapsRealtimeException>(() => forgotten.AckAsync());
        Assert.Contains("MaxHandlerTime", late.Message, StringComparison.Ordinal);
        Assert.Empty(connection.Acks);
        await stream.Current.AckAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack of the copy");
    }

    [Fact]
    public async Task Leaving_the_loop_ends_within_its_bounds_although_a_transaction_cannot_be_undone()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.CloseTimeout = TimeSpan.FromMilliseconds(50));
        var store = new UndoingStore();
        using var end = store.Undone.LetGoAtEnd();
        var stream = client.Events.StreamAsync(ScriptedServer.Request with { ProcessedEvents = store }).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        await stream.DisposeAsync().AsTask().OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Empty(connection.Acks);
    }

    [Fact]
    public async Task A_store_that_closes_the_client_does_not_wait_for_itself()
    {
        await using var server = await ScriptedServer.StartAsync();
        var client = server.NewClient();
        var store = new UndoingStore { OnUndo = () => client.DisposeAsync().AsTask() };
        store.Undone.SetResult();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request with { ProcessedEvents = store }).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        await stream.Current.NackAsync().OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
    }

    /// <summary>The first event is taken, forgotten for longer than it may be, and given out again.</summary>
    private static async Task<(ServerConnection Connection, EventDelivery Forgotten)> ReplaceAsync(
        ScriptedServer server, IAsyncEnumerator<EventDelivery> stream, FakeTimeProvider time)
    {
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        var forgotten = stream.Current;
        time.Advance(TimeSpan.FromMinutes(1));
        await connection.SendEventAsync(1);
        Assert.True(await stream.MoveNextAsync().AsTask().OrFailAsync());
        Assert.NotSame(forgotten, stream.Current);
        return (connection, forgotten);
    }

    /// <summary>Transactions whose undoing the test holds, and which say when it began.</summary>
    private sealed class UndoingStore : IProcessedEventStore
    {
        public TaskCompletionSource Undoing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Undone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<Task> OnUndo { get; init; } = () => Task.CompletedTask;

        public ValueTask<IProcessedEventTransaction?> BeginAsync(EventContext context) => new(new Begun(this));

        private sealed class Begun(UndoingStore store) : IProcessedEventTransaction
        {
            private bool _isCommitted;

            public ValueTask CommitAsync(CancellationToken cancellationToken)
            {
                _isCommitted = true;
                return default;
            }

            public async ValueTask DisposeAsync()
            {
                if (_isCommitted)
                    return;
                store.Undoing.TrySetResult();
                await store.OnUndo();
                await store.Undone.Task;
            }
        }
    }
}
