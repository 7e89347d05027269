using System.Text.Json;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class FailedEventTests
{
    [Fact]
    public async Task A_handler_that_throws_nacks_its_event_with_a_delay_that_grows_with_its_deliveries()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var tries = 0;
        subscription.On(EventType.All, _ => ++tries <= 2 ? throw new InvalidOperationException("no") : Task.CompletedTask).OnError(errors.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Frames.Count == 1, "first nack");
        await connection.SendAsync(Envelopes.Json(1)[..^1] + ",\"delivery\":4}");
        await Wait.UntilAsync(() => connection.Frames.Count == 2, "second nack");
        await connection.SendAsync(Envelopes.Json(1)[..^1] + ",\"delivery\":5}");
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count == 2, "ack of the third try");
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(1)], connection.FramesOf("nack").Select(frame => Read(frame, "event_id").GetString()));
        var delays = connection.FramesOf("nack").Select(frame => Read(frame, "delay_ms").GetInt32()).ToList();
        Assert.InRange(delays[0], 1_000, 1_100);
        Assert.InRange(delays[1], 8_000, 8_800);
    }

    [Fact]
    public async Task A_log_that_throws_ends_neither_the_dispatching_nor_the_event()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        using var log = new CapturedLog { ThrowsAt = 1201 };
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var tries = 0;
        subscription.On(EventType.All, _ => ++tries == 1 ? throw new InvalidOperationException("no") : Task.CompletedTask).OnError(errors.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync();
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(2);
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count == 1, "ack of the second event, and the error of the first");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "ack of the first event, which came again");
        Assert.Equal([Envelopes.Id(2), Envelopes.Id(1)], connection.Acks);
    }

    [Fact]
    public async Task A_handler_that_rejects_sends_its_event_to_the_dead_letters_and_handles_it_when_it_is_redelivered_from_there()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var tries = 0;
        subscription.On(EventType.All, _ => ++tries == 1 ? throw new RejectEventException("no \"order\" in it") : Task.CompletedTask).OnError(errors.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Frames.Count == 1 && errors.Count == 1, "reject");
        var reject = Assert.Single(connection.FramesOf("reject"));
        Assert.Equal((Envelopes.Id(1), "no \"order\" in it"), (Read(reject, "event_id").GetString(), Read(reject, "reason").GetString()));
        Assert.IsType<RejectEventException>(errors[0].InnerException);
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack after the redelivery");
    }

    [Fact]
    public async Task One_handler_that_may_succeed_later_wins_over_another_that_rejects()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        subscription.On(EventType.All, _ => throw new RejectEventException("never"));
        subscription.On(EventType.All, _ => throw new InvalidOperationException("later"));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Frames.Count == 1, "answer");
        Assert.Single(connection.FramesOf("nack"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task To_a_server_without_the_extension_a_failed_event_is_left_unacked(bool rejects)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        subscription.On(EventType.Message, _ => throw (rejects ? new RejectEventException("never") : new InvalidOperationException("later")));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(2, "Presence");
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "the event behind it");
        Assert.Single(connection.Frames);
    }

    [Fact]
    public async Task A_handler_that_the_close_cancelled_is_not_held_against_its_event()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
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
        Assert.Empty(connection.Frames);
    }

    [Fact]
    public async Task A_nack_for_a_connection_that_is_gone_costs_nothing_and_the_event_is_handled_when_it_comes_again()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var fail = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        subscription.On(EventType.All, async _ =>
        {
            if (running.TrySetResult())
                await fail.Task;
        });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        await first.SendEventAsync(1);
        await running.Task.OrFailAsync();
        server.Refusals.Enqueue(context =>
        {
            fail.SetException(new InvalidOperationException("while there is no connection"));
            return ScriptedServer.RefuseAsync(context, 503, "draining", "Come again.");
        });
        first.Cut();
        var second = await server.AcceptAsync();
        await second.SendEventAsync(2);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(2)), "the event behind it, so that it has failed");
        await second.SendEventAsync(1);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(1)), "ack of the second try");
        Assert.Empty(first.Frames);
    }

    [Fact]
    public void The_delay_of_a_failed_event_doubles_under_a_ceiling_and_jitter_only_adds()
    {
        var least = new NackDelay(TimeSpan.FromSeconds(1), new FixedRandom(0));
        Assert.Equal([1, 2, 4, 256, 300, 300], new[] { 1, 2, 3, 9, 10, int.MaxValue }.Select(count => least.After(count).TotalSeconds));
        Assert.Equal(330, new NackDelay(TimeSpan.FromMinutes(5), new FixedRandom(1)).After(7).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, new NackDelay(TimeSpan.Zero, new FixedRandom(1)).After(7));
    }

    private static JsonElement Read(string frame, string name)
    {
        using var json = JsonDocument.Parse(frame);
        return json.RootElement.GetProperty(name).Clone();
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
