namespace VZaps.Client.Tests.Realtime;

public sealed class FrameTests
{
    [Theory]
    [InlineData("no json")]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("{\"id\":7,\"type\":\"Message\"}")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"Mess")]
    public async Task A_garbage_frame_raises_OnError_and_is_skipped(string garbage)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        subscription.OnError(errors.Add).On(EventType.All, _ => { });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendAsync(garbage);
        await connection.SendBinaryAsync([1, 2, 3]);
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count == 2, "event behind the garbage");
        Assert.All(errors, error => Assert.IsType<VZapsRealtimeException>(error));
    }

    [Fact]
    public async Task A_frame_with_an_array_of_envelopes_is_as_many_events()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var seen = new List<VZapsEvent>();
        subscription.On(EventType.All, seen.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendAsync($"[{Envelopes.Json(1)}, {Envelopes.Json(2, "Connected")}]");
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(2)], connection.Acks);
        Assert.Equal(Envelopes.Json(2, "Connected"), System.Text.Encoding.UTF8.GetString(seen[1].Raw.Span));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_skipped_with_an_error_that_names_the_option()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.MaxMessageBytes = 20_000);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var seen = new List<string>();
        subscription.OnError(errors.Add).On(EventType.All, e => seen.Add(e.Id));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1, data: $$"""{"text":"{{new string('x', 100_000)}}"}""");
        await connection.SendEventAsync(2, data: $$"""{"text":"{{new string('x', 19_000)}}"}""");
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count == 1, "event behind it");
        Assert.Equal([Envelopes.Id(2)], seen);
        Assert.Contains("MaxMessageBytes", errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_has_the_envelopes_fields_and_its_payload()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        VZapsEvent? seen = null;
        subscription.On(EventType.Message, e => seen = e);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1, data: """{"type":"Message","event":{"text":"olá"},"media_url":"https://media.example/1"}""");
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(Envelopes.Id(1), seen!.Id);
        Assert.Equal(ScriptedServer.InstanceId, seen.InstanceId);
        Assert.Equal(new DateTimeOffset(2026, 6, 23, 22, 57, 17, TimeSpan.Zero), seen.CreatedAt);
        Assert.Equal("olá", seen.Data.GetProperty("event").GetProperty("text").GetString());
        Assert.Equal("https://media.example/1", seen.MediaUrl!.ToString());
    }
}
