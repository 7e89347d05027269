using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

public sealed class ConsumerRouteTests
{
    [Fact]
    public async Task A_consumer_is_shown_with_its_lag_its_position_and_its_connections()
    {
        await using var gateway = await StartAsync(("Delivery:Window", "3"));
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, "&events=Message&consumer=bot", extended: true);
        await gateway.PublishAsync(instance, type: "Presence");
        var ids = await gateway.PublishAsync(instance, count: 5);
        await reader.NextIdsAsync(3);
        await reader.AckAsync(ids[1]);
        Assert.Equal([ids[3]], await reader.NextIdsAsync(1));
        JsonElement bot = default;
        Assert.True(await Eventually.HoldsAsync(async () =>
            (bot = await gateway.ConsumerAsync(instance, "bot")).GetProperty("window_full_since").ValueKind == JsonValueKind.String));

        Assert.Equal(ids[0], bot.GetProperty("position").GetString());
        Assert.Equal(4, bot.GetProperty("lag").GetInt64());
        Assert.True(bot.GetProperty("lag_seconds").GetDouble() > 0);
        Assert.Equal(["Message"], bot.GetProperty("types").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal(JsonValueKind.Null, bot.GetProperty("last_gap").ValueKind);
        var connection = Assert.Single(bot.GetProperty("connections").EnumerateArray());
        Assert.Equal(reader.Hello.GetProperty("connection_id").GetString(), connection.GetProperty("id").GetString());
        Assert.Equal(("127.0.0.1", "test-reader/1"), (connection.GetProperty("address").GetString(), connection.GetProperty("user_agent").GetString()));
        Assert.Equal((3, 3, 4, 1), (connection.GetProperty("open").GetInt32(), connection.GetProperty("window").GetInt32(), connection.GetProperty("sent").GetInt32(), connection.GetProperty("acked").GetInt32()));
        Assert.True(connection.GetProperty("extension").GetBoolean());
    }

    [Fact]
    public async Task A_consumer_is_moved_to_an_event_a_time_the_start_and_the_end()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using (var reader = await TestReader.ConnectAsync(gateway, instance))
        {
            await gateway.PublishAsync(instance, count: 4);
            foreach (var id in await reader.NextIdsAsync(4))
                await reader.AckAsync(id);
            await reader.CloseAsync();
        }

        var ids = (await gateway.CallAsync(instance, HttpMethod.Get, "/events")).GetProperty("events").EnumerateArray().Select(one => one.GetProperty("id").GetString()!).ToArray();
        Assert.Equal(4, (await SeekAsync(gateway, instance, new { to = "start" })).GetProperty("lag").GetInt32());
        Assert.Equal(ids, await ReadAsync(gateway, instance, 4));
        Assert.Equal(1, (await SeekAsync(gateway, instance, new { event_id = ids[2] })).GetProperty("lag").GetInt32());
        Assert.Equal([ids[3]], await ReadAsync(gateway, instance, 1));
        Assert.Equal(0, (await SeekAsync(gateway, instance, new { to = "end" })).GetProperty("lag").GetInt32());
        Assert.Equal(4, (await SeekAsync(gateway, instance, new { time = "2020-01-01T00:00:00Z" })).GetProperty("lag").GetInt32());
    }

    [Fact]
    public async Task With_live_connections_a_consumer_is_moved_only_by_force_and_they_are_closed_with_1001()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance);

        Assert.Equal((409, "consumer_connected"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/consumers/default/seek", new { to = "start" }));
        Assert.Equal((409, "consumer_connected"), await gateway.RefusalAsync(instance, HttpMethod.Delete, "/consumers/default"));
        var closed = reader.ReceiveCloseAsync();
        var moved = await gateway.CallAsync(instance, HttpMethod.Post, "/consumers/default/seek?force=true", new { to = "start" });

        Assert.Equal(0, moved.GetProperty("connections").GetArrayLength());
        Assert.Equal(1001, await closed);
    }

    [Fact]
    public async Task A_forgotten_consumer_starts_anew_at_the_logs_end()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using (var reader = await TestReader.ConnectAsync(gateway, instance, extended: true))
        {
            await gateway.PublishAsync(instance, count: 2);
            var read = await reader.NextIdsAsync(2);
            await reader.SendAsync(new { type = "reject", event_id = read[0] });
            await gateway.WaitForLettersAsync(instance, count: 1);
            await reader.CloseAsync();
        }

        Assert.True((await gateway.CallAsync(instance, HttpMethod.Delete, "/consumers/default?force=true")).GetProperty("forgotten").GetBoolean());
        Assert.Equal(0, (await gateway.CallAsync(instance, HttpMethod.Get, "/consumers")).GetArrayLength());
        Assert.Empty(await gateway.LettersAsync(instance));
        await using var anew = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance);
        Assert.Equal(ids, await anew.NextIdsAsync(1));
    }

    [Theory]
    [InlineData("""{}""", "invalid_seek")]
    [InlineData("""{"to":"middle"}""", "invalid_seek")]
    [InlineData("""{"to":"end","event_id":"evt_00000000000000000000000000"}""", "invalid_seek")]
    [InlineData("""{"event_id":"x"}""", "invalid_event_id")]
    [InlineData("""{"event_id":"evt_00000000000000000000000000"}""", "unknown_cursor")]
    [InlineData("""{"time":"yesterday"}""", "invalid_body")]
    public async Task A_seek_that_says_nothing_or_too_much_is_400(string body, string code)
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using (var reader = await TestReader.ConnectAsync(gateway, instance))
            await reader.CloseAsync();
        await gateway.WaitUntilGoneAsync(instance);
        Assert.Equal((400, code), await gateway.RefusalAsync(instance, HttpMethod.Post, "/consumers/default/seek", body));
    }

    [Fact]
    public async Task An_unknown_consumer_is_404_and_a_strange_force_is_400()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        Assert.Equal((404, "consumer_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/consumers/nobody/seek", new { to = "end" }));
        Assert.Equal((404, "consumer_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Delete, "/consumers/nobody"));
        Assert.Equal((400, "invalid_force"), await gateway.RefusalAsync(instance, HttpMethod.Delete, "/consumers/default?force=maybe"));
    }

    [Fact]
    public async Task What_retention_took_from_a_consumer_is_said_in_the_hello_and_shown_with_it()
    {
        await using var gateway = await StartAsync(("Log:InstanceRetentionBytes", "16777216"));
        var instance = await gateway.NewInstanceAsync();
        await using (var reader = await TestReader.ConnectAsync(gateway, instance))
        {
            await gateway.PublishAsync(instance, count: 2);
            await reader.AckAsync((await reader.NextIdsAsync(2))[0]);
            await reader.CloseAsync();
        }

        for (var i = 0; i < 5; i++)
            await gateway.PublishAsync(instance, count: 8, bytes: 900_000);
        await using var back = await TestReader.ConnectAsync(gateway, instance, extended: true);

        var oldest = (await gateway.CallAsync(instance, HttpMethod.Get, "/events?limit=1")).GetProperty("events")[0].GetProperty("id").GetString();
        var gap = back.Hello.GetProperty("gap");
        Assert.Equal("retention", gap.GetProperty("reason").GetString());
        Assert.Equal(oldest, gap.GetProperty("to").GetString());
        Assert.Equal(oldest, (await back.NextAsync()).GetProperty("id").GetString());
        var retained = back.Hello.GetProperty("lag").GetInt64();
        // Of 42 events one was acked; what is neither retained nor that one was missed.
        Assert.Equal(41 - retained, gap.GetProperty("events").GetInt64());
        var shown = (await gateway.ConsumerAsync(instance)).GetProperty("last_gap");
        Assert.Equal(gap.GetProperty("events").GetInt64(), shown.GetProperty("events").GetInt64());
        Assert.Equal(JsonValueKind.String, shown.GetProperty("at").ValueKind);
    }

    private static async Task<JsonElement> SeekAsync(GatewayFixture gateway, TestInstance instance, object where)
    {
        await gateway.WaitUntilGoneAsync(instance);
        return await gateway.CallAsync(instance, HttpMethod.Post, "/consumers/default/seek", where);
    }

    private static async Task<string[]> ReadAsync(GatewayFixture gateway, TestInstance instance, int count)
    {
        await using var reader = await TestReader.ConnectAsync(gateway, instance);
        var ids = await reader.NextIdsAsync(count);
        foreach (var id in ids)
            await reader.AckAsync(id);
        await reader.CloseAsync();
        return ids;
    }

    private static Task<GatewayFixture> StartAsync(params (string Key, string Value)[] settings) => GatewayFixture.StartForDeliveryAsync(ackTimeout: "01:00:00", settings);
}
