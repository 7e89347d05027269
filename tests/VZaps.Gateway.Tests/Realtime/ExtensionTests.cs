using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class ExtensionTests
{
    [Fact]
    public async Task The_server_agrees_to_the_extension_and_says_hello_before_any_event()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var first = await TestReader.ConnectAsync(gateway, instance);
        await first.CloseAsync();
        var ids = await gateway.PublishAsync(instance, count: 2);

        await using var other = await TestReader.ConnectAsync(gateway, instance, "&events=Presence");
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);

        Assert.Equal("vzaps.ext.1", reader.Socket.SubProtocol);
        Assert.Null(other.Socket.SubProtocol);
        var hello = reader.Hello;
        Assert.Equal("hello", hello.GetProperty("type").GetString());
        Assert.NotEmpty(hello.GetProperty("connection_id").GetString()!);
        Assert.Equal("default", hello.GetProperty("consumer").GetString());
        Assert.Equal(2, hello.GetProperty("consumer_connections").GetInt32());
        Assert.Equal(2, hello.GetProperty("lag").GetInt64());
        Assert.Equal(1_024, hello.GetProperty("window").GetInt32());
        Assert.Equal(3_600_000, hello.GetProperty("ack_timeout_ms").GetInt64());
        Assert.Equal(JsonValueKind.Null, hello.GetProperty("gap").ValueKind);
        Assert.Equal(JsonValueKind.Null, hello.GetProperty("resumed_after").ValueKind);
        Assert.Equal(ids, await reader.NextIdsAsync(2));
    }

    [Fact]
    public async Task What_is_ready_comes_as_arrays_under_256_KiB_and_a_larger_event_alone()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using (var first = await TestReader.ConnectAsync(gateway, instance))
            await first.CloseAsync();
        string[] ids = [.. await gateway.PublishAsync(instance, count: 60, bytes: 10_000), .. await gateway.PublishAsync(instance, bytes: 300_000), .. await gateway.PublishAsync(instance, count: 3)];

        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var (read, batches) = (new List<string>(), 0);
        while (read.Count < ids.Length)
        {
            var frame = (await reader.ReceiveAsync())!.Value;
            if (frame.ValueKind == JsonValueKind.Array)
            {
                batches++;
                Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(frame).Length, 2, 256 * 1024);
                read.AddRange(frame.EnumerateArray().Select(IdOf));
            }
            else
            {
                read.Add(IdOf(frame));
            }
        }

        Assert.Equal(ids, read);
        Assert.InRange(batches, 3, 10);
    }

    [Fact]
    public async Task A_nacked_event_comes_again_and_says_which_delivery_it_is()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance);
        var first = await reader.NextAsync();
        Assert.False(first.TryGetProperty("delivery", out _));
        for (var delivery = 2; delivery <= 4; delivery++)
        {
            await reader.SendAsync(new { type = "nack", event_id = ids[0], delay_ms = 0 });
            var again = await reader.NextAsync();
            Assert.Equal((ids[0], delivery), (IdOf(again), again.GetProperty("delivery").GetInt32()));
            Assert.Equal(first.GetProperty("data").GetRawText(), again.GetProperty("data").GetRawText());
        }
    }

    [Fact]
    public async Task A_client_that_says_working_gets_the_event_again_only_when_its_extension_has_ended()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance);
        await reader.NextIdsAsync(1);
        var saidAt = System.Diagnostics.Stopwatch.GetTimestamp();
        await reader.SendAsync(new { type = "working", event_id = ids[0], extend_ms = 3_000 });

        Assert.Equal(2, (await reader.NextAsync()).GetProperty("delivery").GetInt32());
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(saidAt) >= TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Acks_by_a_list_and_up_to_an_event_count_as_the_single_ones_do()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        string[] ids;
        await using (var reader = await TestReader.ConnectAsync(gateway, instance, extended: true))
        {
            ids = await gateway.PublishAsync(instance, count: 8);
            await reader.NextIdsAsync(8);
            await reader.SendAsync(new { type = "nack", event_id = ids[1], delay_ms = 3_600_000 });
            await reader.SendAsync(new { type = "ack", event_ids = new object[] { ids[6], "evt_nonsense", 7, ids[6] } });
            await reader.SendAsync(new { type = "ack", up_to = ids[3] });
            await reader.CloseAsync();
        }

        await using var next = await TestReader.ConnectAsync(gateway, instance);
        Assert.Equal([ids[1], ids[4], ids[5], ids[7]], await next.NextIdsAsync(4));
    }

    [Fact]
    public async Task A_plain_client_that_speaks_the_extension_is_not_understood()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        string[] ids;
        await using (var plain = await TestReader.ConnectAsync(gateway, instance))
        {
            ids = await gateway.PublishAsync(instance, count: 3);
            Assert.Equal(ids, await plain.NextIdsAsync(3));
            await plain.SendAsync(new { type = "reject", event_id = ids[0] });
            await plain.SendAsync(new { type = "ack", up_to = ids[1] });
            await plain.SendAsync(new { type = "ack", event_ids = ids });
            await plain.CloseAsync();
        }

        Assert.Empty(await gateway.LettersAsync(instance));
        await using var next = await TestReader.ConnectAsync(gateway, instance);
        Assert.Equal(ids, await next.NextIdsAsync(3));
    }

    [Theory]
    [InlineData("""{"type":"nack"}""")]
    [InlineData("""{"type":"working","event_id":7}""")]
    [InlineData("""{"type":"reject","event_id":"evt_00000000000000000000000000"}""")]
    [InlineData("""{"type":"ack","event_ids":{}}""")]
    [InlineData("""{"type":"ack","event_id":"\ud800"}""")]
    [InlineData("""{"\ud800":"ack"}""")]
    [InlineData("""{"type":"ack","event_ids":["\ud800"]}""")]
    public async Task What_makes_no_sense_is_ignored_however_often(string frame)
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        for (var i = 0; i < 40; i++)
            await reader.SendTextAsync(frame);
        var ids = await gateway.PublishAsync(instance);
        Assert.Equal(ids, await reader.NextIdsAsync(1));
    }

    [Fact]
    public async Task A_reject_whose_reason_is_half_a_character_and_a_close_right_behind_it_still_make_a_dead_letter()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance);
        await reader.NextIdsAsync(1);
        await reader.SendTextAsync($$"""{"type":"reject","event_id":"{{ids[0]}}","reason":"cut \ud83d"}""");
        await reader.CloseAsync();

        var letter = Assert.Single(await gateway.WaitForLettersAsync(instance, count: 1));

        Assert.Equal("rejected", letter.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Ephemeral_has_no_window_no_redelivery_and_no_dead_letters()
    {
        await using var gateway = await StartAsync(("Delivery:Window", "2"));
        var instance = await gateway.NewInstanceAsync();
        await using var tail = await TestReader.ConnectAsync(gateway, instance, "&consumer=ephemeral", extended: true);
        Assert.Equal(("ephemeral", 0), (tail.Hello.GetProperty("consumer").GetString(), tail.Hello.GetProperty("window").GetInt32()));
        var ids = await gateway.PublishAsync(instance, count: 10);
        Assert.Equal(ids, await tail.NextIdsAsync(10));
        await tail.SendAsync(new { type = "reject", event_id = ids[0] });
        await tail.SendAsync(new { type = "nack", event_id = ids[1] });

        var more = await gateway.PublishAsync(instance);

        Assert.Equal(more, await tail.NextIdsAsync(1));
        Assert.Equal(0, (await gateway.CallAsync(instance, HttpMethod.Get, "/consumers")).GetArrayLength());
    }

    private static string IdOf(JsonElement envelope) => envelope.GetProperty("id").GetString()!;

    private static Task<GatewayFixture> StartAsync(params (string Key, string Value)[] settings) => GatewayFixture.StartForDeliveryAsync(ackTimeout: "01:00:00", settings);
}
