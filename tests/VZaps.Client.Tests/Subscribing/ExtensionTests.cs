using Microsoft.Extensions.Logging;

namespace VZaps.Client.Tests.Subscribing;

public sealed class ExtensionTests
{
    [Theory]
    [InlineData(true, 262_144, "vzaps.ext.1")]
    [InlineData(true, 262_143, null)]
    [InlineData(false, 262_144, null)]
    public async Task The_extension_is_offered_unless_it_is_switched_off_or_a_batch_would_be_too_large(bool use, int maxMessageBytes, string? offered)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient(options => (options.UseExtension, options.MaxMessageBytes) = (use, maxMessageBytes));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        Assert.Equal(offered, connection.Handshake.Header("Sec-WebSocket-Protocol"));
        Assert.Equal(offered is not null, connection.IsExtended);
    }

    [Fact]
    public async Task Hello_is_what_OnOpen_and_the_log_say_of_the_connection()
    {
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var opened = new TaskCompletionSource<ConnectionOpened>();
        subscription.OnOpen(opened.SetResult);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(connections: 3, resumedAfter: "\"evt_x\"");
        var expected = new ConnectionOpened
        {
            Consumer = "default",
            IsExtended = true,
            ConnectionId = "c-1",
            ConsumerConnections = 3,
            ResumedAfter = "evt_x",
            Lag = 12,
            Window = 1_024,
            AckTimeout = TimeSpan.FromSeconds(30),
        };
        Assert.Equal(expected, await opened.Task.OrFailAsync());
        Assert.Equal(expected, subscription.Connection);
        var line = Assert.Single(log.Lines, line => line.Id.Id == 1111);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains("as consumer default. Other live connections of it: 2.", line.Text, StringComparison.Ordinal);
        connection.Cut();
        await server.AcceptAsync();
    }

    [Fact]
    public async Task A_connection_without_the_extension_is_opened_without_hello()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { Consumer = "mine" });
        var opened = new TaskCompletionSource<ConnectionOpened>();
        subscription.OnOpen(opened.SetResult);
        await subscription.StartAsync();
        Assert.Equal(new ConnectionOpened { Consumer = "mine" }, await opened.Task.OrFailAsync());
    }

    [Fact]
    public async Task What_only_the_extension_says_is_no_event_to_a_plain_connection()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        subscription.OnError(errors.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendGoAwayAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count == 1, "ack and error");
        Assert.False(connection.Ended.IsCompleted);
    }

    [Fact]
    public async Task An_event_that_comes_before_hello_opens_the_connection_and_a_late_hello_still_introduces_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var opened = new List<ConnectionOpened>();
        subscription.OnOpen(opened.Add).On(EventType.All, _ => Assert.Single(opened));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Null(subscription.Connection!.ConnectionId);
        await connection.SendHelloAsync();
        await connection.SendHelloAsync(connections: 9);
        await connection.SendEventAsync(2);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "second ack");
        Assert.Equal(("c-1", 1), (subscription.Connection.ConnectionId, subscription.Connection.ConsumerConnections));
        Assert.Single(opened);
    }

    [Fact]
    public async Task A_server_that_agrees_and_never_says_hello_is_announced_when_the_wait_for_it_is_over()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient(options => options.TimeProvider = time);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var opened = new TaskCompletionSource<ConnectionOpened>();
        subscription.OnOpen(opened.SetResult);
        await subscription.StartAsync();
        await server.AcceptAsync();
        time.Advance(VZaps.Client.Subscribing.ServerVoice.HelloTimeout - TimeSpan.FromTicks(1));
        Assert.Null(subscription.Connection);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(new ConnectionOpened { Consumer = "default", IsExtended = true }, await opened.Task.OrFailAsync());
    }

    [Fact]
    public async Task A_connection_that_is_cut_before_hello_is_announced_open_and_then_closed()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var calls = new List<string>();
        subscription.OnOpen(() => calls.Add("open")).OnClose(_ => calls.Add("close"));
        await subscription.StartAsync();
        (await server.AcceptAsync()).Cut();
        await server.AcceptAsync();
        await Wait.UntilAsync(() => calls.Count >= 2, "callbacks");
        Assert.Equal(["open", "close"], calls.Take(2));
    }

    [Theory]
    [InlineData("""{"type":"weather","rain":true}""", 0)]
    [InlineData("""{"type":"hello","lag":"many"}""", 1)]
    [InlineData("""{"type":"goaway","reconnect_after_ms":[]}""", 1)]
    [InlineData("""{"type":"gap","events":1.5}""", 1)]
    [InlineData("""{"type":7}""", 1)]
    [InlineData("""{"type":"goaway"}x""", 1)]
    [InlineData("""{"type":"goaway","data":{}}""", 1)]
    public async Task A_word_that_is_unknown_is_ignored_and_one_that_is_broken_is_reported(string frame, int reports)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        subscription.OnError(errors.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendAsync(frame);
        await connection.SendAsync("garbage");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 1 && errors.Count > reports, "ack and errors");
        Assert.Equal(reports + 1, errors.Count);
        Assert.False(connection.Ended.IsCompleted);
    }

    [Fact]
    public async Task The_events_of_a_batch_are_handled_in_order_and_a_broken_one_is_skipped_and_reported()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var seen = new List<(string, int)>();
        subscription.OnError(errors.Add).On(EventType.All, e => seen.Add((e.Id, e.DeliveryCount)));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync();
        var redelivered = Envelopes.Json(3)[..^1] + ",\"delivery\":4}";
        await connection.SendAsync($$"""[{{Envelopes.Json(1)}},{"id":7},{{Envelopes.Json(2)}},{{redelivered}},{{Envelopes.Json(4)[..^1]}},"delivery":"x"}]""");
        await Wait.UntilAsync(() => connection.Acks.Count == 4 && errors.Count == 1, "acks and error");
        Assert.Equal([(Envelopes.Id(1), 1), (Envelopes.Id(2), 1), (Envelopes.Id(3), 4), (Envelopes.Id(4), 1)], seen);
    }
}
