using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class WorkingTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    [Fact]
    public void An_event_is_due_each_interval_while_its_handler_runs_and_not_after_it()
    {
        var time = new FakeTimeProvider();
        var handlers = new HandlersAtWork(TimeSpan.FromHours(1), time, new CapturedLog());
        handlers.Begin("a");
        time.Advance(Interval - TimeSpan.FromTicks(1));
        Assert.Empty(handlers.TakeDue(Interval));
        handlers.Begin("b");
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a"], handlers.TakeDue(Interval));
        Assert.Empty(handlers.TakeDue(Interval));
        time.Advance(Interval);
        Assert.Equal(["a", "b"], handlers.TakeDue(Interval).Order(StringComparer.Ordinal));
        handlers.End("a");
        time.Advance(Interval);
        Assert.Equal(["b"], handlers.TakeDue(Interval));
    }

    [Fact]
    public void A_handler_beyond_its_longest_time_is_spoken_for_no_more_and_warned_of_once()
    {
        var time = new FakeTimeProvider();
        var log = new CapturedLog();
        var handlers = new HandlersAtWork(Interval * 3, time, log);
        handlers.Begin("a");
        var words = 0;
        for (var second = 0; second < 100; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            words += handlers.TakeDue(Interval).Count;
        }

        Assert.Equal(2, words);
        Assert.Equal(1, log.Count(1231));
    }

    [Fact]
    public async Task Working_is_said_for_the_event_in_its_handler_and_not_for_those_in_the_queue_until_it_ends()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var release = new TaskCompletionSource();
        var releaseLast = new TaskCompletionSource();
        subscription.On(EventType.All, async e =>
        {
            if (e.Id == Envelopes.Id(1))
                await release.Task;
            if (e.Id == Envelopes.Id(4))
                await releaseLast.Task;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(ackTimeoutMs: 300);
        await connection.SendBatchAsync(1, 2, 3);
        await Wait.UntilAsync(() => connection.Frames.Count >= 5, "five words");
        Assert.All(connection.Frames, frame => Assert.Equal($$"""{"type":"working","event_id":"{{Envelopes.Id(1)}}"}""", frame));
        release.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Count == 3, "acks");
        await connection.SendEventAsync(4);
        await Wait.UntilAsync(() => connection.FramesOf("working").Count(frame => frame.Contains(Envelopes.Id(4), StringComparison.Ordinal)) >= 3, "words for the last");
        Assert.DoesNotContain(connection.FramesOf("working"), frame => frame.Contains(Envelopes.Id(3), StringComparison.Ordinal));
        releaseLast.SetResult();
    }

    [Fact]
    public async Task A_handler_that_outlasts_its_connection_is_spoken_for_over_the_next_one()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var release = new TaskCompletionSource();
        var handled = 0;
        subscription.On(EventType.All, async _ =>
        {
            handled++;
            await release.Task;
        });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        await first.SendHelloAsync(ackTimeoutMs: 300);
        await first.SendEventAsync(1);
        await Wait.UntilAsync(() => !first.Frames.IsEmpty, "word over the first");
        first.Cut();
        var second = await server.AcceptAsync();
        await second.SendHelloAsync(ackTimeoutMs: 300);
        await second.SendEventAsync(1); // still in its handler: the copy is dropped
        await Wait.UntilAsync(() => second.FramesOf("working").Count() >= 2, "words over the second");
        release.SetResult();
        await Wait.UntilAsync(() => second.Acks.Count == 1, "ack");
        Assert.Equal(1, handled);
    }

    [Fact]
    public async Task Where_the_server_sends_nothing_again_nothing_is_said()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { Consumer = "ephemeral" });
        var running = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        subscription.On(EventType.All, async _ =>
        {
            running.TrySetResult();
            await release.Task;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(window: 0, consumer: "ephemeral", ackTimeoutMs: 100);
        await connection.SendEventAsync(1);
        await running.Task.OrFailAsync();
        // With a window, the first of six words would be here within 50 ms.
        await Task.Delay(300);
        release.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Single(connection.Frames);
    }
}
