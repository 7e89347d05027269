using System.Collections.Concurrent;
using VZaps.Client.Tests.Ways;
using VZaps.Client.Tests.Webhooks;

namespace VZaps.Client.Tests.Subscribing;

/// <summary>What was shared in an attempt is disposed however that ends, and nothing is shared after it.</summary>
public sealed class SharedContextTests
{
    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task What_a_store_shares_is_disposed_where_it_finds_the_event_processed(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var store = new SharingStore { KnowsAll = true };
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request with { ProcessedEvents = store }, (_, _) => Task.CompletedTask);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(["shared", "disposed"], store.Steps);
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task What_a_store_shares_is_disposed_where_it_throws(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var store = new SharingStore { Failures = 1 };
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request with { ProcessedEvents = store }, (_, _) => Task.CompletedTask);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any(), "nack");
        Assert.Equal(["shared", "disposed"], store.Steps);
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task What_a_store_shares_is_disposed_before_its_transaction_is_committed_or_undone(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var store = new SharingStore();
        var tries = 0;
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request with { ProcessedEvents = store }, (_, _) =>
            ++tries == 1 ? throw new InvalidOperationException("no") : Task.CompletedTask);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any(), "nack");
        Assert.Equal(["shared", "disposed", "ended"], store.Steps);
        store.Steps.Clear();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(["shared", "disposed", "committed", "ended"], store.Steps);
    }

    [Fact]
    public async Task What_a_store_shares_is_disposed_where_a_loop_that_pulls_is_left_without_an_answer()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var store = new SharingStore();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request with { ProcessedEvents = store }).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        await (await server.AcceptAsync()).SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        await stream.DisposeAsync().AsTask().OrFailAsync();
        Assert.Equal(["shared", "disposed", "ended"], store.Steps);
    }

    [Fact]
    public async Task Where_what_is_shared_cannot_be_disposed_a_pulled_event_is_not_acked()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var store = new SharingStore { DisposalFailures = 1 };
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request with { ProcessedEvents = store }).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        Assert.True(await moving.AsTask().OrFailAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => stream.Current.AckAsync().OrFailAsync());
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any(), "nack");
        Assert.Equal(["shared", "disposed", "ended"], store.Steps);
        Assert.Empty(connection.Acks);
    }

    [Theory]
    [InlineData(true, WebhookOutcome.Duplicate)]
    [InlineData(false, WebhookOutcome.Failed)]
    public async Task What_a_store_shares_is_disposed_where_a_posted_event_reaches_no_handler(bool knowsAll, WebhookOutcome outcome)
    {
        var store = new SharingStore { KnowsAll = knowsAll, Failures = knowsAll ? 0 : 1 };
        var receiver = new WebhookReceiver(new WebhookReceiverOptions { Secrets = [SignedPost.Secret], ProcessedEvents = store }).On(EventType.All, _ => Assert.Fail("It was called."));
        var post = new SignedPost().Sign(TimeProvider.System);
        Assert.Equal(outcome, (await receiver.ReceiveAsync(post.Header, post.Body).OrFailAsync()).Outcome);
        Assert.Equal(["shared", "disposed"], store.Steps);
    }

    [Fact]
    public async Task Nothing_is_shared_after_the_end_and_what_is_being_made_then_is_disposed()
    {
        var context = new EventContext(Envelopes.Read(1), "default", CancellationToken.None);
        var steps = new ConcurrentQueue<string>();
        var making = new TaskCompletionSource();
        using var mayMake = new ManualResetEventSlim();
        var sharing = Task.Run(() => context.Share(() =>
        {
            making.SetResult();
            mayMake.Wait(Wait.Limit);
            return new Shared(steps);
        }));
        await making.Task.OrFailAsync();
        var ending = Task.Run(async () => await context.EndAsync());
        mayMake.Set();
        await sharing.OrFailAsync();
        Assert.Null(await ending.OrFailAsync());
        Assert.Equal(["shared", "disposed"], steps);
        var wrong = Assert.Throws<InvalidOperationException>(() => context.Share(() => new Shared(steps)));
        Assert.Contains(Envelopes.Id(1), wrong.Message, StringComparison.Ordinal);
        Assert.Null(await context.EndAsync());
        Assert.Equal(["shared", "disposed"], steps);
        var unused = new EventContext(Envelopes.Read(2), "default", CancellationToken.None);
        await unused.EndAsync();
        Assert.Throws<InvalidOperationException>(() => unused.Share(() => new Shared(steps)));
    }

    private sealed class Shared : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _steps;

        public Shared(ConcurrentQueue<string> steps)
        {
            _steps = steps;
            steps.Enqueue("shared");
        }

        public bool Throws { get; init; }

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            _steps.Enqueue("disposed");
            if (Throws)
                throw new InvalidOperationException("the changes are not saved");
        }
    }

    private sealed class SharingStore : IProcessedEventStore
    {
        public ConcurrentQueue<string> Steps { get; } = new();

        public bool KnowsAll { get; init; }

        public int Failures { get; set; }

        public int DisposalFailures { get; set; }

        public async ValueTask<IProcessedEventTransaction?> BeginAsync(EventContext context)
        {
            await Task.Yield();
            context.Share(() => new Shared(Steps) { Throws = DisposalFailures-- > 0 });
            if (Failures-- > 0)
                throw new InvalidOperationException("the database is away");
            return KnowsAll ? null : new Begun(Steps);
        }

        private sealed class Begun(ConcurrentQueue<string> steps) : IProcessedEventTransaction
        {
            public ValueTask CommitAsync(CancellationToken cancellationToken)
            {
                steps.Enqueue("committed");
                return default;
            }

            public ValueTask DisposeAsync()
            {
                steps.Enqueue("ended");
                return default;
            }
        }
    }
}
