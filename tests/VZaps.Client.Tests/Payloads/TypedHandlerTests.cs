using System.Collections.Concurrent;

namespace VZaps.Client.Tests.Payloads;

public sealed class TypedHandlerTests
{
    private const string Hello = """{"event":{"Info":{"ID":"3EB0","Chat":"c@g.us"},"Message":{"conversation":"hello"}}}""";

    [Fact]
    public async Task A_typed_handler_gets_its_type_and_no_other()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        var texts = new ConcurrentQueue<string?>();
        var all = new ConcurrentQueue<EventPayload>();
        subscription.On<MessageEvent>((message, received, _) =>
        {
            texts.Enqueue($"{received.Id} {message.Text}");
            return Task.CompletedTask;
        });
        subscription.On<EventPayload>(all.Enqueue);
        await subscription.StartAsync();
        await connection.SendEventAsync(1, "Connected", """{"event":{}}""");
        await connection.SendEventAsync(2, "Message", Hello);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "both are acked");
        Assert.Equal([$"{Envelopes.Id(2)} hello"], texts);
        Assert.Equal([typeof(ConnectedEvent), typeof(MessageEvent)], all.Select(payload => payload.GetType()));
    }

    [Fact]
    public async Task A_payload_that_does_not_fit_is_an_error_with_its_path_and_the_event_is_nacked_and_not_lost()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        var errors = new ConcurrentQueue<VZapsException>();
        var handled = 0;
        subscription.On<MessageEvent>(_ => handled++).OnError(errors.Enqueue);
        await connection.SendHelloAsync();
        await subscription.StartAsync();
        await connection.SendEventAsync(1, "Message", """{"event":{"Info":{"ID":"3EB0","Chat":7}}}""");
        await connection.SendEventAsync(2, "Message", Hello);
        await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(2)), "the next one is acked");
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any(), "the first one is nacked");
        await Wait.UntilAsync(() => !errors.IsEmpty, "the error is told");
        Assert.Contains(Envelopes.Id(1), Assert.Single(connection.FramesOf("nack")), StringComparison.Ordinal);
        Assert.DoesNotContain(Envelopes.Id(1), connection.Acks);
        var error = Assert.IsType<VZapsHandlerException>(Assert.Single(errors));
        Assert.Equal("$.event.Info.Chat", Assert.IsType<VZapsPayloadException>(error.InnerException).JsonPath);
        Assert.Equal(1, handled);
    }
}
