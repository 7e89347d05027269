using System.Diagnostics;
using System.Net.WebSockets;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Realtime;

public sealed class CloseTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task A_rotated_instance_token_closes_with_4001_within_a_second()
    {
        var instance = await ClosedWithinASecondAsync(4001, instance => gateway.Api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/token/rotate"));
        Assert.Equal("invalid_instance_token", (await Handshake.RefusedAsync(gateway.Process, Target(instance))).Error);
    }

    [Fact]
    public async Task A_deleted_instance_closes_with_4004_within_a_second()
    {
        var instance = await ClosedWithinASecondAsync(4004, instance => gateway.Api.SendAsync(HttpMethod.Delete, $"/instances/{instance.Id}"));
        Assert.Equal("instance_not_found", (await Handshake.RefusedAsync(gateway.Process, Target(instance))).Error);
    }

    [Fact]
    public async Task Binary_closes_with_1003()
    {
        await using var client = await ConnectAsync(await gateway.Api.CreateInstanceAsync());
        await client.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        Assert.Equal(1003, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_message_of_65536_bytes_is_read_and_one_more_byte_closes_with_1009()
    {
        await using var client = await ConnectAsync(await gateway.Api.CreateInstanceAsync());
        await client.SendAsync($$"""{"x":"{{new string('x', 65_536 - 8)}}"}""");
        await client.SendAsync($$"""{"x":"{{new string('x', 65_537 - 8)}}"}""");
        Assert.Equal(1009, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task The_20th_text_that_is_no_json_object_closes_with_1008_and_not_the_19th()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var client = await ConnectAsync(instance);
        string[] malformed = ["nonsense", "", "[]", "3", "\"text\"", "{", "{\"a\":1} x"];
        for (var i = 0; i < 19; i++)
            await client.SendAsync(malformed[i % malformed.Length]);
        var ids = await gateway.Api.PublishAsync(instance, """{"type":"Message","data":{}}""");
        Assert.Equal(ids, await client.ReceiveIdsAsync(1));

        await client.SendAsync("nonsense");

        Assert.Equal(1008, await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Unknown_types_and_acks_without_effect_are_ignored_however_many()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        var other = await gateway.Api.CreateInstanceAsync();
        await using var client = await ConnectAsync(instance);
        var foreign = await gateway.Api.PublishAsync(other, """{"type":"Message","data":{}}""");
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync("""{"type":"hello"}""");
            await client.SendAsync("{}");
            await client.AckAsync(foreign[0]);
            await client.AckAsync("evt_nonsense");
        }

        var ids = await gateway.Api.PublishAsync(instance, """{"type":"Message","data":{}}""");
        Assert.Equal(ids, await client.ReceiveIdsAsync(1));
        await client.AckAsync(ids[0]);
        await client.AckAsync(ids[0]);
        await client.CloseAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task A_frame_in_many_fragments_is_one_message()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        var ids = Array.Empty<string>();
        await using (var client = await ConnectAsync(instance))
        {
            ids = await gateway.Api.PublishAsync(instance, """[{"type":"Message","data":{}},{"type":"Message","data":{}}]""");
            await client.ReceiveIdsAsync(2);
            var ack = System.Text.Encoding.UTF8.GetBytes(Dialect.Go.Ack(ids[0]));
            for (var i = 0; i < ack.Length; i++)
                await client.Socket.SendAsync(ack.AsMemory(i, 1), WebSocketMessageType.Text, i == ack.Length - 1, TestContext.Current.CancellationToken);
            await client.CloseAsync();
        }

        await using var next = await ConnectAsync(instance);
        Assert.Equal([ids[1]], await next.ReceiveIdsAsync(1));
    }

    /// <summary>Revokes what let a connection in, and returns its instance. A machine may stand still for a second, but not three times in a row.</summary>
    private async Task<TestInstance> ClosedWithinASecondAsync(int code, Func<TestInstance, Task<HttpResponseMessage>> revoke)
    {
        for (var attempt = 1; ; attempt++)
        {
            var instance = await gateway.Api.CreateInstanceAsync();
            await using var client = await ConnectAsync(instance);
            var took = await CloseTimeAsync(client, code, () => revoke(instance));
            if (took < TimeSpan.FromSeconds(1))
                return instance;
            Assert.True(attempt < 3, $"{took}");
        }
    }

    private static async Task<TimeSpan> CloseTimeAsync(RawSubscriber client, int code, Func<Task<HttpResponseMessage>> revoke)
    {
        var closed = client.ReceiveCloseAsync();
        using var answer = await revoke();
        Assert.True(answer.IsSuccessStatusCode);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(code, await closed);
        return Stopwatch.GetElapsedTime(started);
    }

    private Task<RawSubscriber> ConnectAsync(TestInstance instance) => RawSubscriber.ConnectAsync(gateway.Process, instance, Dialect.TypeScript, []);

    private string Target(TestInstance instance) =>
        $"/events/ws?instance_id={instance.Id}&instance_token={instance.Token}&client_token={gateway.Process.ClientToken}";
}
