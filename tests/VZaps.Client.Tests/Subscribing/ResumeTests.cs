namespace VZaps.Client.Tests.Subscribing;

public sealed class ResumeTests
{
    [Fact]
    public async Task A_reconnect_resumes_after_the_last_handled_event_and_not_after_the_original_cursor()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { LastEventId = Envelopes.Id(1) });
        subscription.On(EventType.All, _ => { });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(1), first.Handshake.Cursor);
        await first.SendEventAsync(2);
        await first.SendEventAsync(3);
        await Wait.UntilAsync(() => first.Acks.Count == 2, "acks");
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(3), second.Handshake.Cursor);
    }

    [Fact]
    public async Task Without_a_cursor_and_before_anything_was_handled_none_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var first = await server.AcceptAsync();
        await first.SendEventAsync(1); // received, but not handled: nothing was started
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Null(first.Handshake.Cursor);
        Assert.Null(second.Handshake.Cursor);
    }

    [Fact]
    public async Task A_reconnect_does_not_resume_past_an_event_whose_handler_threw()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var tries = 0;
        var handled = new List<string>();
        subscription.On(EventType.All, e =>
        {
            if (e.Id == Envelopes.Id(2) && ++tries == 1)
                throw new InvalidOperationException("once");
            handled.Add(e.Id);
        });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        for (var number = 1; number <= 3; number++)
            await first.SendEventAsync(number);
        await Wait.UntilAsync(() => first.Acks.Count == 2, "acks of 1 and 3");
        first.Cut();

        var second = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(1), second.Handshake.Cursor);
        await second.SendEventAsync(2);
        await second.SendEventAsync(3);
        await second.SendEventAsync(4);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(4)), "event 4");
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(3), Envelopes.Id(2), Envelopes.Id(4)], handled);
    }

    [Fact]
    public async Task An_ack_that_a_cut_may_have_swallowed_is_sent_again_over_the_next_connection()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var release = new TaskCompletionSource();
        subscription.On(EventType.All, async e =>
        {
            if (e.Id == Envelopes.Id(2))
                await release.Task;
        });
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        await first.SendEventAsync(1);
        await first.SendEventAsync(2);
        await Wait.UntilAsync(() => first.Acks.Count == 1, "ack of 1");
        first.Cut();
        var second = await server.AcceptAsync();
        release.SetResult(); // handled while the first connection, over which it came, is gone
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(1)) && second.Acks.Contains(Envelopes.Id(2)), "acks over the second connection");
    }

    [Fact]
    public async Task A_rejected_event_does_not_hold_the_position_and_is_handled_all_the_same_when_it_is_redelivered()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var tries = 0;
        subscription.On(EventType.All, e => e.Id == Envelopes.Id(1) && ++tries == 1 ? throw new RejectEventException("never") : Task.CompletedTask);
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        await first.SendEventAsync(1);
        await first.SendEventAsync(2);
        await Wait.UntilAsync(() => first.Acks.Count == 1, "ack");
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(2), second.Handshake.Cursor);
        await second.SendEventAsync(1);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(1)), "ack of the redelivery");
    }
}
