using System.Diagnostics;
using System.Net.Sockets;

namespace VZaps.Client.Tests.Subscribing;

public sealed class ReconnectTests
{
    [Fact]
    public async Task A_401_on_the_handshake_renews_the_token_once_and_connects()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.RefuseNext(401);
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        await server.AcceptAsync();
        Assert.Equal(["Bearer jwt-1", "Bearer jwt-2"], server.Handshakes.Select(seen => seen.Header("Authorization")));
    }

    [Fact]
    public async Task A_second_401_ends_the_subscription_with_an_authentication_error()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.RefuseNext(401);
        server.RefuseNext(401, "invalid_token", "The access token is void.");
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Events.SubscribeAsync(ScriptedServer.Request).OrFailAsync());
        Assert.Equal("invalid_token", error.ErrorCode);
        Assert.Contains("The access token is void.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Handshakes.Count);
    }

    [Fact]
    public async Task A_stale_token_is_renewed_before_a_reconnect()
    {
        await using var server = await ScriptedServer.StartAsync();
        var time = new ShiftedTime();
        await using var client = server.NewClient(options => options.TimeProvider = time);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var first = await server.AcceptAsync();
        time.Shift += TimeSpan.FromMinutes(59.5);
        first.Cut();
        var second = await server.AcceptAsync();
        Assert.Equal("Bearer jwt-2", second.Handshake.Header("Authorization"));
    }

    [Theory]
    [InlineData(4001)]
    [InlineData(4004)]
    public async Task A_close_code_that_says_do_not_retry_ends_the_subscription_with_a_typed_error(int code)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new List<VZapsException>();
        var closes = new List<ConnectionClosed>();
        subscription.OnError(errors.Add).OnClose(closes.Add);
        await (await server.AcceptAsync()).CloseAsync(code, "over");
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(() => subscription.WaitClosedAsync().OrFailAsync());
        Assert.Equal(code, error.CloseCode);
        Assert.Same(error, Assert.Single(errors));
        var closed = Assert.Single(closes);
        Assert.Equal((code, false), (closed.CloseCode!.Value, closed.WillReconnect));
        Assert.Single(server.Handshakes);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1008)]
    [InlineData(1013)]
    public async Task A_close_with_any_other_code_is_followed_by_a_reconnect(int code)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var closes = new List<ConnectionClosed>();
        subscription.OnClose(closes.Add);
        await subscription.StartAsync();
        await (await server.AcceptAsync()).CloseAsync(code);
        await server.AcceptAsync();
        await Wait.UntilAsync(() => closes.Count == 1, "OnClose");
        Assert.Equal((code, true), (closes[0].CloseCode!.Value, closes[0].WillReconnect));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(426)]
    public async Task A_refusal_that_cannot_heal_ends_the_subscription_with_its_status(int status)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        server.RefuseNext(status, "stable_code", "Mend it so.");
        (await server.AcceptAsync()).Cut();
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(() => subscription.WaitClosedAsync().OrFailAsync());
        Assert.Equal((status, "stable_code"), (error.HandshakeStatus!.Value, error.ErrorCode));
        Assert.Contains("Mend it so.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Handshakes.Count);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(200)]
    public async Task A_refusal_that_may_heal_is_tried_again(int status)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.RefuseNext(status);
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request).OrFailAsync();
        Assert.Equal(2, server.Handshakes.Count);
    }

    [Fact]
    public async Task Retry_After_wins_over_the_back_off()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Refusals.Enqueue(context =>
        {
            context.Response.Headers.RetryAfter = "1";
            return ScriptedServer.RefuseAsync(context, 503, "draining", "Later.");
        });
        await using var client = server.NewClient();
        var watch = Stopwatch.StartNew();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request).OrFailAsync();
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(0.99), $"Tried again after {watch.Elapsed}.");
    }

    [Fact]
    public async Task MaxRetries_counts_consecutive_failures_and_then_ends_the_subscription()
    {
        await using var server = await ScriptedServer.StartAsync();
        for (var i = 0; i < 10; i++)
            server.RefuseNext(503);
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(
            () => client.Events.SubscribeAsync(ScriptedServer.Request with { MaxRetries = 3 }).OrFailAsync());
        Assert.Equal(4, server.Handshakes.Count);
        Assert.Equal(503, Assert.IsType<VZapsRealtimeException>(error.InnerException).HandshakeStatus);
    }

    [Fact]
    public async Task A_mere_upgrade_does_not_reset_the_count_of_failures()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { MaxRetries = 2 });
        var waiting = subscription.WaitClosedAsync();
        for (var i = 0; i < 3; i++)
            (await server.AcceptAsync()).Cut();
        await Assert.ThrowsAsync<VZapsRealtimeException>(() => waiting.OrFailAsync());
        Assert.Equal(3, server.Handshakes.Count);
    }

    [Fact]
    public async Task A_connection_that_brought_an_event_resets_the_count_of_failures()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { MaxRetries = 1 });
        subscription.On(EventType.All, _ => { });
        await subscription.StartAsync();
        for (var number = 1; number <= 5; number++)
        {
            var connection = await server.AcceptAsync();
            await connection.SendEventAsync(number);
            await Wait.UntilAsync(() => connection.Acks.Contains(Envelopes.Id(number)), "ack");
            connection.Cut();
        }

        await server.AcceptAsync();
    }

    [Fact]
    public async Task A_connection_that_stayed_up_resets_the_count_of_failures()
    {
        await using var server = await ScriptedServer.StartAsync();
        var time = new ShiftedTime();
        var log = new CapturedLog();
        await using var client = server.NewClient(options => (options.TimeProvider, options.LoggerFactory) = (time, log));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { MaxRetries = 1 });
        for (var i = 0; i < 5; i++)
        {
            var connection = await server.AcceptAsync();
            await Wait.UntilAsync(() => log.Count(1111) == i + 1, "the client's own opening");
            time.Shift += TimeSpan.FromSeconds(11);
            connection.Cut();
        }

        await server.AcceptAsync();
    }

    [Fact]
    public async Task Without_reconnect_a_cut_ends_the_subscription_with_an_error()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { Reconnect = false });
        (await server.AcceptAsync()).Cut();
        await Assert.ThrowsAsync<VZapsRealtimeException>(() => subscription.WaitClosedAsync().OrFailAsync());
        Assert.Single(server.Handshakes);
    }

    [Fact]
    public async Task The_first_connect_follows_the_retry_policy()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.RefuseNext(503);
        server.RefuseNext(503);
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { MaxRetries = 2 }).OrFailAsync();
        Assert.Equal(3, server.Handshakes.Count);
    }

    [Fact]
    public async Task The_first_connect_fails_fast_where_asked_to()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.RefuseNext(503);
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(
            () => client.Events.SubscribeAsync(ScriptedServer.Request with { FailFast = true }).OrFailAsync());
        Assert.Equal(503, error.HandshakeStatus);
    }

    [Fact]
    public async Task Cancelling_the_subscribing_gives_up_while_nothing_answers()
    {
        var server = await ScriptedServer.StartAsync();
        var address = server.Address;
        await server.DisposeAsync();
        await using var client = ScriptedServer.NewClientAt(address);
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Events.SubscribeAsync(ScriptedServer.Request, giveUp.Token).OrFailAsync());
    }

    [Fact]
    public async Task A_server_that_accepts_and_says_nothing_is_noticed()
    {
        using var silent = new TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options =>
        {
            options.RealtimeUrl = new Uri($"ws://127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port}");
            options.ConnectTimeout = TimeSpan.FromMilliseconds(100);
        });
        var error = await Assert.ThrowsAsync<VZapsTimeoutException>(
            () => client.Events.SubscribeAsync(ScriptedServer.Request with { FailFast = true }).OrFailAsync());
        Assert.Contains("ConnectTimeout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_open_connection_is_noticed_by_its_silence()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var line = new StallingLine(server.Address);
        await using var client = server.NewClient(options =>
        {
            options.RealtimeUrl = line.Address;
            (options.KeepAliveInterval, options.KeepAliveTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        });
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        await server.AcceptAsync();
        line.Stall();
        await server.AcceptAsync();
        Assert.Equal(2, server.Handshakes.Count);
    }
}
