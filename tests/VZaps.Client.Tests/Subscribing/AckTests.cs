namespace VZaps.Client.Tests.Subscribing;

public sealed class AckTests
{
    [Fact]
    public async Task An_event_is_acked_only_after_every_matching_handler_has_finished()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var secondRuns = new TaskCompletionSource();
        subscription.On(EventType.Message, (_, _) => first.Task);
        subscription.On(EventType.All, (_, _) =>
        {
            secondRuns.SetResult();
            return second.Task;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        first.SetResult();
        await secondRuns.Task.OrFailAsync();
        Assert.Empty(connection.Acks);
        second.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(1)), "ack");
        Assert.Equal([$$"""{"type":"ack","event_id":"{{Envelopes.Id(1)}}"}"""], connection.Frames);
    }

    [Fact]
    public async Task A_throwing_handler_leaves_its_event_unacked_raises_OnError_and_the_next_event_goes_on()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var othersSaw = new List<string>();
        subscription.On(EventType.Message, e => e.Id == Envelopes.Id(1) ? throw new InvalidOperationException("no") : Task.CompletedTask);
        subscription.On(EventType.All, e => othersSaw.Add(e.Id));
        subscription.OnError(errors.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(2);
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count == 1, "ack and error");
        Assert.Equal([Envelopes.Id(2)], connection.Acks);
        var error = Assert.IsType<VZapsHandlerException>(errors[0]);
        Assert.Equal(Envelopes.Id(1), error.Event!.Id);
        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(2)], othersSaw);
        Assert.False(connection.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_failed_event_that_comes_again_is_handled_and_acked()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var tries = 0;
        subscription.On(EventType.Message, _ => ++tries == 1 ? throw new InvalidOperationException("once") : Task.CompletedTask);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => tries == 1, "first try");
        // The event is settled as failed a moment after the handler threw; the one behind it says when.
        await connection.SendEventAsync(2);
        await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(2)), "event behind it");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(1)), "ack of the second try");
    }

    [Fact]
    public async Task A_handled_event_that_comes_again_is_acked_and_dropped()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var handled = 0;
        subscription.On(EventType.Message, _ => handled++);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "first ack");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "second ack");
        Assert.Equal(1, handled);
    }

    [Fact]
    public async Task A_redelivery_of_an_event_that_is_still_being_handled_is_dropped()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var release = new TaskCompletionSource();
        var handled = 0;
        subscription.On(EventType.Message, async e =>
        {
            handled++;
            if (e.Id == Envelopes.Id(1))
                await release.Task;
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(1);
        await connection.SendEventAsync(2);
        await Wait.UntilAsync(() => handled == 1, "handler runs");
        release.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(2)), "event behind it");
        Assert.Equal(2, handled);
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(2)], connection.Acks);
    }

    [Fact]
    public async Task An_event_without_a_handler_is_acked_with_one_warning_for_its_type()
    {
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1, "Presence");
        await connection.SendEventAsync(2, "Presence");
        await connection.SendEventAsync(3, "Message");
        await Wait.UntilAsync(() => connection.Acks.Count == 3, "acks");
        Assert.Equal(2, log.Count(1202));
    }

    [Fact]
    public async Task An_unknown_type_reaches_the_handlers_of_All()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var seen = new List<EventType>();
        subscription.On(EventType.All, e => seen.Add(e.Type));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1, "PollVote");
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal([EventType.Parse("PollVote")], seen);
    }

    [Fact]
    public async Task Handlers_run_one_at_a_time_in_the_order_of_the_log()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var (running, overlaps) = (0, 0);
        var order = new List<string>();
        subscription.On(EventType.All, async e =>
        {
            overlaps += Interlocked.Increment(ref running) - 1;
            order.Add(e.Id);
            await Task.Yield();
            Interlocked.Decrement(ref running);
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        for (var number = 1; number <= 200; number++)
            await connection.SendEventAsync(number);
        await Wait.UntilAsync(() => connection.Acks.Count == 200, "acks");
        Assert.Equal(Enumerable.Range(1, 200).Select(Envelopes.Id), order);
        Assert.Equal(order, connection.Acks);
        Assert.Equal(0, overlaps);
    }
}
