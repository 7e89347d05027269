using Microsoft.Extensions.Logging;

namespace VZaps.Client.Tests.Realtime;

public sealed class HandshakeTests
{
    [Fact]
    public async Task Credentials_go_into_headers_only()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var handshake = (await server.AcceptAsync()).Handshake;
        Assert.Equal("Bearer jwt-1", handshake.Header("Authorization"));
        Assert.Equal(ScriptedServer.ClientToken, handshake.Header("X-Client-Token"));
        Assert.Equal(ScriptedServer.InstanceToken, handshake.Header("X-Instance-Token"));
        Assert.Equal($"?instance_id={ScriptedServer.InstanceId}", handshake.Query);
    }

    [Fact]
    public async Task Filter_cursor_and_consumer_go_into_the_query()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.Consumer = "of-the-client");
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with
        {
            Events = [EventType.Message, EventType.Connected],
            LastEventId = Envelopes.Id(7),
            Consumer = "mine",
        });
        var handshake = (await server.AcceptAsync()).Handshake;
        Assert.Equal(
            $"?instance_id={ScriptedServer.InstanceId}&events=Message,Connected&last_event_id={Envelopes.Id(7)}&consumer=mine",
            handshake.Query);
    }

    [Theory]
    [InlineData("mine", "mine")]
    [InlineData(null, "default")]
    public async Task The_consumer_is_logged_at_open(string? consumer, string logged)
    {
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.LoggerFactory, options.Consumer) = (log, consumer));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var line = Assert.Single(log.Lines, line => line.Id.Id == 1111);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains($"as consumer {logged}.", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_of_the_base_address_is_kept()
    {
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync("/proxy/consumers/mine");
        await using var client = server.NewClient(options =>
        {
            options.BaseUrl = new Uri(server.Address, "/proxy/consumers/mine/");
            options.LoggerFactory = log;
        });
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        await server.AcceptAsync();
        Assert.Contains(log.Lines, line => line.Text.Contains("as consumer mine.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_secret_gets_into_log_or_exception_even_when_the_server_repeats_them()
    {
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        var all = $"{ScriptedServer.ClientSecret} {ScriptedServer.InstanceToken} jwt-1";
        server.RefuseNext(503, "busy", all);
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var texts = new List<string>();
        subscription.OnError(error => texts.Add(error.ToString()));
        subscription.OnClose(closed => texts.Add(closed.ToString()));
        var connection = await server.AcceptAsync();
        await connection.SendAsync("{\"garbage\":\"" + ScriptedServer.InstanceToken + "\"}");
        await connection.CloseAsync(4001, all);
        texts.Add((await Assert.ThrowsAsync<VZapsRealtimeException>(() => subscription.WaitClosedAsync().OrFailAsync())).ToString());
        texts.Add(ScriptedServer.Request.ToString());
        texts.AddRange(log.Lines.Select(line => line.Text));
        Assert.True(texts.Count > 6);
        foreach (var secret in all.Split(' '))
            Assert.DoesNotContain(texts, text => text.Contains(secret, StringComparison.Ordinal));
    }
}
