using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Realtime;

public sealed class ConsumerTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const string One = """{"type":"Message","data":{}}""";

    [Fact]
    public async Task Every_connection_of_a_consumer_gets_every_event_and_an_ack_by_any_is_the_consumers()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        string[] ids;
        await using (var first = await ConnectAsync(instance))
        await using (var second = await ConnectAsync(instance))
        {
            ids = await gateway.Api.PublishAsync(instance, $"[{One},{One},{One}]");
            Assert.Equal(ids, await first.ReceiveIdsAsync(3));
            Assert.Equal(ids, await second.ReceiveIdsAsync(3));
            await first.AckAsync(ids[0]);
            await second.AckAsync(ids[1]);
            await first.CloseAsync();
            await second.CloseAsync();
        }

        await using var next = await ConnectAsync(instance);
        Assert.Equal([ids[2]], await next.ReceiveIdsAsync(1));
    }

    [Fact]
    public async Task What_is_published_while_a_consumer_is_away_waits_for_it()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using (var away = await ConnectAsync(instance))
            await away.CloseAsync();
        var ids = await gateway.Api.PublishAsync(instance, $"[{One},{One}]");

        await using var back = await ConnectAsync(instance);

        Assert.Equal(ids, await back.ReceiveIdsAsync(2));
    }

    [Fact]
    public async Task Consumers_of_different_names_read_each_for_itself()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var bot = await ConnectAsync(instance, "&consumer=bot");
        await using var audit = await ConnectAsync(instance, "&consumer=audit");
        var ids = await gateway.Api.PublishAsync(instance, One);
        await bot.ReceiveIdsAsync(1);
        await bot.AckAsync(ids[0]);
        await bot.CloseAsync();
        Assert.Equal(ids, await audit.ReceiveIdsAsync(1));
        await audit.CloseAsync();

        await using var next = await ConnectAsync(instance, "&consumer=audit");

        Assert.Equal(ids, await next.ReceiveIdsAsync(1));
    }

    [Fact]
    public async Task Ephemeral_keeps_no_position_and_has_no_window()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using (var tail = await ConnectAsync(instance, "&consumer=ephemeral"))
        {
            for (var i = 0; i < 3; i++)
                await gateway.Api.PublishAsync(instance, $"[{string.Join(',', Enumerable.Repeat(One, 500))}]");
            Assert.Equal(1_500, (await tail.ReceiveIdsAsync(1_500)).Distinct().Count());
            await tail.CloseAsync();
        }

        await using var next = await ConnectAsync(instance, "&consumer=ephemeral");
        var ids = await gateway.Api.PublishAsync(instance, One);
        Assert.Equal(ids, await next.ReceiveIdsAsync(1));
    }

    [Fact]
    public async Task A_cursor_starts_after_its_event_and_replays_what_was_acked()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        string[] ids;
        await using (var client = await ConnectAsync(instance))
        {
            ids = await gateway.Api.PublishAsync(instance, $"[{One},{One},{One}]");
            foreach (var id in await client.ReceiveIdsAsync(3))
                await client.AckAsync(id);
            await client.CloseAsync();
        }

        await using (var replay = await ConnectAsync(instance, "&last_event_id=" + ids[0]))
        {
            Assert.Equal(ids[1..], await replay.ReceiveIdsAsync(2));
            await replay.CloseAsync();
        }

        // The replay moved nothing back: the consumer goes on behind its head.
        await using var next = await ConnectAsync(instance);
        var newest = await gateway.Api.PublishAsync(instance, One);
        Assert.Equal(newest, await next.ReceiveIdsAsync(1));
    }

    [Fact]
    public async Task At_most_a_window_of_unacked_events_is_out()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var client = await ConnectAsync(instance);
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.AddRange(await gateway.Api.PublishAsync(instance, $"[{string.Join(',', Enumerable.Repeat(One, 400))}]"));

        var out1 = await client.ReceiveIdsAsync(1_024);
        Assert.Equal(ids[..1_024], out1);
        var more = client.ReceiveIdsAsync(2);
        // Nothing more comes while the window is full: what is published to an ephemeral reader meanwhile passes by.
        await using var witness = await ConnectAsync(instance, "&consumer=ephemeral");
        ids.AddRange(await gateway.Api.PublishAsync(instance, One));
        await witness.ReceiveIdsAsync(1);
        Assert.False(more.IsCompleted);

        await client.AckAsync(out1[5]);
        await client.AckAsync(out1[700]);

        Assert.Equal(ids[1_024..1_026], await more);
    }

    [Fact]
    public async Task A_restart_keeps_positions()
    {
        await using var process = new GatewayProcess();
        await process.StartAsync();
        using var api = new GatewayApi(process);
        var instance = await api.CreateInstanceAsync();
        string[] ids;
        await using (var client = await RawSubscriber.ConnectAsync(process, instance, Dialect.Go, []))
        {
            ids = await api.PublishAsync(instance, $"[{One},{One},{One}]");
            await client.ReceiveIdsAsync(3);
            await client.AckAsync(ids[1]);
            var terminated = process.TerminateAsync();
            Assert.Equal(1001, await client.ReceiveCloseAsync());
            Assert.Equal(0, await terminated);
        }

        await process.StartAsync();
        await using var next = await RawSubscriber.ConnectAsync(process, instance, Dialect.Go, []);
        Assert.Equal([ids[0], ids[2]], await next.ReceiveIdsAsync(2));
    }

    private Task<RawSubscriber> ConnectAsync(TestInstance instance, string more = "") =>
        RawSubscriber.ConnectAsync(gateway.Process, instance, Dialect.TypeScript, [], more: more);
}
