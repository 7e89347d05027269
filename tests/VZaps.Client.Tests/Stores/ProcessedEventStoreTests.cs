using System.Collections.Concurrent;
using VZaps.Client.Tests.Ways;

namespace VZaps.Client.Tests.Stores;

public sealed class ProcessedEventStoreTests
{
    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task What_was_processed_is_acked_and_not_handled_again_even_by_another_subscription(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var request = ScriptedServer.Request with { ProcessedEvents = new InMemoryProcessedEventStore() };
        var handled = new ConcurrentQueue<string>();
        for (var run = 1; run <= 2; run++)
        {
            await using var consumer = await way.BeginAsync(client, request, (e, _) =>
            {
                handled.Enqueue(e.Id);
                return Task.CompletedTask;
            });
            var connection = await server.AcceptAsync();
            await connection.SendEventAsync(1);
            await connection.SendEventAsync(1 + run);
            await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        }

        Assert.Equal(Enumerable.Range(1, 3).Select(Envelopes.Id), handled);
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_handler_that_fails_undoes_its_transaction_and_the_next_delivery_has_another(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var store = new RecordingStore();
        var tries = 0;
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request with { ProcessedEvents = store }, (_, _) =>
            ++tries == 1 ? throw new InvalidOperationException("no") : Task.CompletedTask);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any(), "nack");
        Assert.Equal(["begin", "dispose"], store.Steps);
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(["begin", "dispose", "begin", "commit", "dispose"], store.Steps);
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_store_that_throws_is_as_a_handler_that_throws(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var store = new RecordingStore { Failures = 1 };
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request with { ProcessedEvents = store }, (_, _) => Task.CompletedTask);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any(), "nack");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
    }

    [Fact]
    public async Task A_retry_begins_another_transaction_and_calls_all_handlers_as_all_was_undone()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var store = new RecordingStore();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with
        {
            ProcessedEvents = store, HandlerRetry = new ExponentialHandlerRetry(1, TimeSpan.Zero),
        });
        var seen = new ConcurrentQueue<IProcessedEventTransaction?>();
        var tries = 0;
        subscription.OnEvent(EventType.All, context =>
        {
            seen.Enqueue(context.Transaction);
            return Task.CompletedTask;
        });
        subscription.On(EventType.All, _ => ++tries == 1 ? throw new InvalidOperationException("no") : Task.CompletedTask);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(["begin", "dispose", "begin", "commit", "dispose"], store.Steps);
        Assert.Equal(2, seen.Distinct().Count());
        Assert.DoesNotContain(null, seen);
    }

    [Fact]
    public async Task The_memory_is_bounded_keeps_consumers_apart_and_lets_the_second_of_two_wait_for_the_first()
    {
        var store = new InMemoryProcessedEventStore(capacity: 2);
        foreach (var number in new[] { 1, 2, 3 })
            await ProcessAsync(store, number);
        Assert.NotNull(await store.BeginAsync(Context(1)));
        Assert.Null(await store.BeginAsync(Context(2)));
        Assert.NotNull(await store.BeginAsync(Context(2, "other")));

        var first = await store.BeginAsync(Context(4));
        var second = store.BeginAsync(Context(4)).AsTask();
        Assert.False(second.IsCompleted);
        await first!.DisposeAsync(); // undone: the second has its turn
        var its = await second.OrFailAsync();
        var third = store.BeginAsync(Context(4)).AsTask();
        await its!.CommitAsync(CancellationToken.None);
        await its.DisposeAsync();
        Assert.Null(await third.OrFailAsync());
    }

    private static async Task ProcessAsync(InMemoryProcessedEventStore store, int number)
    {
        await using var transaction = await store.BeginAsync(Context(number));
        await transaction!.CommitAsync(CancellationToken.None);
    }

    private static EventContext Context(int number, string consumer = "default") => new(Envelopes.Read(number), consumer, CancellationToken.None);

    private sealed class RecordingStore : IProcessedEventStore, IProcessedEventTransaction
    {
        public int Failures { get; set; }

        public ConcurrentQueue<string> Steps { get; } = new();

        public async ValueTask<IProcessedEventTransaction?> BeginAsync(EventContext context)
        {
            await Task.Yield();
            if (Failures-- > 0)
                throw new InvalidOperationException("the database is away");
            Steps.Enqueue("begin");
            return new Part(this);
        }

        public ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            Steps.Enqueue("commit");
            return default;
        }

        public ValueTask DisposeAsync()
        {
            Steps.Enqueue("dispose");
            return default;
        }

        private sealed class Part(RecordingStore store) : IProcessedEventTransaction
        {
            public ValueTask CommitAsync(CancellationToken cancellationToken) => store.CommitAsync(cancellationToken);

            public ValueTask DisposeAsync() => store.DisposeAsync();
        }
    }
}
