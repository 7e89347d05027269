namespace VZaps.Client.Tests.Subscribing;

public sealed class ExtensionResumeTests
{
    [Fact]
    public async Task Once_a_server_agreed_a_reconnect_sends_no_cursor_whatever_server_answers_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await HandleAllAsync(client, ScriptedServer.Request);
        var plain = await server.AcceptAsync();
        await HandleAsync(plain, 1);
        server.AgreesToExtension = true;
        plain.Cut();
        var extended = await server.AcceptAsync();
        Assert.Equal((Envelopes.Id(1), true), (extended.Handshake.Cursor, extended.IsExtended)); // nobody knew that it would agree
        await HandleAsync(extended, 2);
        extended.Cut();
        var again = await server.AcceptAsync();
        Assert.Null(again.Handshake.Cursor);
        server.AgreesToExtension = false;
        again.Cut();
        var plainAgain = await server.AcceptAsync();
        Assert.Equal((null, false), (plainAgain.Handshake.Cursor, plainAgain.IsExtended));
        await HandleAsync(plainAgain, 3);
        plainAgain.Cut();
        Assert.Null((await server.AcceptAsync()).Handshake.Cursor);
    }

    [Fact]
    public async Task The_users_cursor_is_sent_until_a_handshake_succeeds_and_not_after_what_was_in_the_log_then_was_handled()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        server.RefuseNext(503);
        await using var client = server.NewClient();
        await using var subscription = await HandleAllAsync(client, ScriptedServer.Request with { LastEventId = Envelopes.Id(1) });
        var first = await server.AcceptAsync();
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(1)], server.Handshakes.Select(seen => seen.Cursor));
        // The replay was cut in the middle: the server does not owe the rest of it, so it is asked for.
        await HandleAsync(first, 2);
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(2), second.Handshake.Cursor);
        // An event that was appended after the first opening: everything that the cursor asked for came before it.
        var live = EventPosition.Create(Protocol.InstanceId.Parse(ScriptedServer.InstanceId), DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds(), 3).ToString();
        await second.SendAsync($$"""{"id":"{{live}}","type":"Message","data":null}""");
        await Wait.UntilAsync(() => second.Acks.Contains(live), "live event");
        second.Cut();
        Assert.Null((await server.AcceptAsync()).Handshake.Cursor);
    }

    [Fact]
    public async Task Ephemeral_has_no_account_so_it_resumes_after_what_was_handled()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await HandleAllAsync(client, ScriptedServer.Request with { Consumer = "ephemeral" });
        var first = await server.AcceptAsync();
        Assert.Null(first.Handshake.Cursor);
        await first.SendHelloAsync(consumer: "ephemeral", window: 0, resumedAfter: $"\"{Envelopes.Id(7)}\"");
        await Wait.UntilAsync(() => subscription.Connection is not null, "hello");
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(7), second.Handshake.Cursor);
        await HandleAsync(second, 8);
        second.Cut();
        Assert.Equal(Envelopes.Id(8), (await server.AcceptAsync()).Handshake.Cursor);
    }

    [Fact]
    public async Task Acks_that_a_cut_may_have_swallowed_are_sent_again_as_one_frame()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await HandleAllAsync(client, ScriptedServer.Request);
        var first = await server.AcceptAsync();
        await first.SendBatchAsync(Enumerable.Range(1, 20));
        await Wait.UntilAsync(() => first.Acks.Count == 20, "acks");
        first.Cut();
        var second = await server.AcceptAsync();
        await Wait.UntilAsync(() => second.Acks.Count == 20, "acks again");
        Assert.Single(second.Frames);
    }

    private static async Task<EventSubscription> HandleAllAsync(VZapsClient client, EventSubscribeRequest request)
    {
        var subscription = await client.Events.SubscribeAsync(request);
        subscription.On(EventType.All, _ => { });
        await subscription.StartAsync();
        return subscription;
    }

    private static async Task HandleAsync(ServerConnection connection, int number)
    {
        await connection.SendEventAsync(number);
        await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(number)), "ack");
    }
}
