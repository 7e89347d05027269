using System.Collections.Concurrent;

namespace VZaps.Client.Tests.Subscribing;

public sealed class ConcurrencyTests
{
    private static readonly EventSubscribeRequest Parallel = ScriptedServer.Request with { MaxConcurrency = 4 };

    [Fact]
    public async Task Events_of_one_chat_are_handled_in_order_while_other_chats_go_on()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Parallel);
        var release = new TaskCompletionSource();
        var order = new ConcurrentQueue<string>();
        subscription.On(EventType.All, async e =>
        {
            if (e.Id == Envelopes.Id(1))
                await release.Task;
            order.Enqueue(e.Id);
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        foreach (var (number, chat) in new[] { (1, "slow"), (2, "slow"), (3, "b"), (4, "c"), (5, "slow"), (6, "b") })
            await connection.SendEventAsync(number, data: Envelopes.InChat(chat));
        await Wait.UntilAsync(() => connection.Acks.Count == 3, "the others' acks");
        Assert.Equal([Envelopes.Id(3), Envelopes.Id(4), Envelopes.Id(6)], order.Order(StringComparer.Ordinal));
        release.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Count == 6, "all acks");
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(2), Envelopes.Id(5)], order.Skip(3));
    }

    [Theory]
    [InlineData("{\"type\":\"Message\",\"event\":{\"Info\":{\"Chat\":\"\\ud800\"}}}")]
    [InlineData("{\"type\":\"Message\",\"event\":{\"\\ud800\":1}}")]
    public async Task An_event_whose_chat_cannot_be_read_is_handled_with_those_that_have_none(string data)
    {
        await using var server = await ScriptedServer.StartAsync();
        using var log = new CapturedLog();
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(Parallel);
        subscription.On(EventType.All, _ => { });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1, data: data);
        await connection.SendEventAsync(2);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        Assert.Equal(1, log.Count(1216));
    }

    [Fact]
    public async Task No_more_handlers_run_at_a_time_than_allowed_and_so_many_do()
    {
        await using var scene = await HeldHandlers.BeginAsync(number => $"chat {number}");
        // There is no event to wait for that says 'nothing happened'; a moment makes the failure likely to show.
        await Task.Delay(50);
        Assert.Equal(4, scene.Running);
        scene.Release.SetResult();
        await Wait.UntilAsync(() => scene.Connection.Acks.Count == 6, "acks");
    }

    [Fact]
    public async Task Events_without_a_chat_follow_one_another_and_a_key_of_the_users_replaces_the_chat()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var errors = new ConcurrentQueue<VZapsException>();
        await using var subscription = await client.Events.SubscribeAsync(Parallel with
        {
            PartitionKey = e => e.Type == EventType.Presence ? throw new InvalidOperationException("no key") : e.Type == EventType.Connected ? null : e.Id,
        });
        subscription.OnError(errors.Enqueue);
        var release = new TaskCompletionSource();
        var began = new ConcurrentQueue<string>();
        subscription.On(EventType.All, async e =>
        {
            began.Enqueue(e.Id);
            await release.Task;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1, "Connected");
        await connection.SendEventAsync(2, "Presence");
        await connection.SendEventAsync(3, "Connected");
        await connection.SendEventAsync(4, data: Envelopes.InChat("a"));
        await connection.SendEventAsync(5, data: Envelopes.InChat("a"));
        await Wait.UntilAsync(() => began.Count == 3, "three handlers");
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(4), Envelopes.Id(5)], began.Order(StringComparer.Ordinal));
        release.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Count == 5, "acks");
        Assert.Contains("PartitionKey", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cursor_stays_before_a_slow_event_although_later_ones_of_other_chats_are_handled()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Parallel);
        var release = new TaskCompletionSource();
        subscription.On(EventType.All, e => e.Id == Envelopes.Id(2) ? release.Task : Task.CompletedTask);
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        for (var number = 1; number <= 4; number++)
            await first.SendEventAsync(number, data: Envelopes.InChat($"chat {number}"));
        await Wait.UntilAsync(() => first.Acks.Count == 3, "three acks");
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(1), second.Handshake.Cursor);
        release.SetResult();
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(2)), "the slow one's ack");
    }

    [Fact]
    public async Task Closing_lets_all_running_handlers_finish_and_acks_them()
    {
        await using var scene = await HeldHandlers.BeginAsync(number => $"chat {number % 5}");
        var closing = scene.Subscription.CloseAsync();
        scene.Release.SetResult();
        await closing.OrFailAsync();
        await scene.Connection.Ended.OrFailAsync();
        Assert.Equal(4, scene.Connection.Acks.Count);
        Assert.Equal(4, scene.Running);
    }

    [Fact]
    public async Task A_handler_can_have_the_event_with_its_context()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var seen = new ConcurrentQueue<EventContext>();
        subscription.OnEvent(EventType.Message, context =>
        {
            seen.Enqueue(context);
            return Task.CompletedTask;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(consumer: "reports");
        await connection.SendAsync(Envelopes.Json(1)[..^1] + ",\"delivery\":3}");
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        var context = Assert.Single(seen);
        Assert.Equal((Envelopes.Id(1), "reports", 3), (context.Event.Id, context.Consumer, context.DeliveryCount));
        Assert.True(context.CancellationToken.CanBeCanceled);
    }

    /// <summary>A subscription that was sent six events, four of which are with handlers that the test holds.</summary>
    private sealed class HeldHandlers(ScriptedServer server, VZapsClient client, EventSubscription subscription) : IAsyncDisposable
    {
        private int _running;

        public TaskCompletionSource Release { get; } = new();

        public EventSubscription Subscription => subscription;

        public ServerConnection Connection { get; private set; } = null!;

        public int Running => Volatile.Read(ref _running);

        public static async Task<HeldHandlers> BeginAsync(Func<int, string> chatOf)
        {
            var server = await ScriptedServer.StartAsync();
            var client = server.NewClient();
            var scene = new HeldHandlers(server, client, await client.Events.SubscribeAsync(Parallel));
            scene.Subscription.On(EventType.All, async _ =>
            {
                Interlocked.Increment(ref scene._running);
                await scene.Release.Task;
            });
            await scene.Subscription.StartAsync();
            scene.Connection = await server.AcceptAsync();
            for (var number = 1; number <= 6; number++)
                await scene.Connection.SendEventAsync(number, data: Envelopes.InChat(chatOf(number)));
            await Wait.UntilAsync(() => scene.Running == 4, "four handlers");
            return scene;
        }

        public async ValueTask DisposeAsync()
        {
            await subscription.DisposeAsync();
            await client.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
