using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Realtime;

/// <summary>The six clients in the field, each as a small raw WebSocket client.</summary>
public sealed class DialectTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    public static TheoryData<string> Names => [.. Dialect.All.Select(dialect => dialect.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_client_receives_what_its_filter_names_and_what_it_acks_is_acked(string name)
    {
        var dialect = Dialect.All.Single(dialect => dialect.Name == name);
        var instance = await gateway.Api.CreateInstanceAsync();
        var jwt = await gateway.Api.SignInAsync();
        string[] ids;
        await using (var client = await RawSubscriber.ConnectAsync(gateway.Process, instance, dialect, ["Message", "Connected"], jwt))
        {
            ids = await gateway.Api.PublishAsync(instance, """
                [{"type":"Message","data":{"n":1}},{"type":"Presence","data":{}},{"type":"Connected","data":{}},{"type":"Message","data":{"n":2}}]
                """);
            Assert.Equal([ids[0], ids[2], ids[3]], await client.ReceiveIdsAsync(3));

            await client.AckAsync(ids[3]); // out of order, as the TypeScript client does
            await client.AckAsync(ids[0]);
            await client.CloseAsync();
        }

        // What it did not ack is what the next connection begins with.
        var next = await gateway.Api.PublishAsync(instance, """{"type":"Message","data":{"n":3}}""");
        await using var again = await RawSubscriber.ConnectAsync(gateway.Process, instance, dialect, ["Message", "Connected"], jwt);
        Assert.Equal([ids[2], next[0]], await again.ReceiveIdsAsync(2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&events=")]
    [InlineData("&events=%20,,%20")]
    [InlineData("&events=All")]
    [InlineData("&events=Message,All")]
    public async Task Without_a_list_of_its_own_a_client_gets_what_the_instance_subscribes_to(string events)
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        using (await gateway.Api.SendAsync(HttpMethod.Patch, $"/instances/{instance.Id}", """{"events_subscribe":["Presence","Message"]}"""))
        {
        }

        await using var client = await RawSubscriber.ConnectAsync(gateway.Process, instance, Dialect.Go, [], more: events);
        var ids = await gateway.Api.PublishAsync(instance, """
            [{"type":"Connected","data":{}},{"type":"Message","data":{}},{"type":"ChatPresence","data":{}},{"type":"Presence","data":{}}]
            """);

        Assert.Equal([ids[1], ids[3]], await client.ReceiveIdsAsync(2));
    }

    [Fact]
    public async Task An_explicit_list_is_taken_as_it_is_whatever_the_instance_subscribes_to()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        using (await gateway.Api.SendAsync(HttpMethod.Patch, $"/instances/{instance.Id}", """{"events_subscribe":"Presence"}"""))
        {
        }

        await using var client = await RawSubscriber.ConnectAsync(gateway.Process, instance, Dialect.Go, [" Message ", "", "Connected"]);
        var ids = await gateway.Api.PublishAsync(instance, """[{"type":"Presence","data":{}},{"type":"Connected","data":{}}]""");

        Assert.Equal([ids[1]], await client.ReceiveIdsAsync(1));
    }

    [Fact]
    public async Task The_envelope_is_the_contracts()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var client = await RawSubscriber.ConnectAsync(gateway.Process, instance, Dialect.DotNet, ["Message"]);
        var ids = await gateway.Api.PublishAsync(instance,
            """{"type":"Message","created_at":"2026-06-23T22:57:17Z","data":{"event":{"text":"olá"},"media_url":"https://example.org/a.jpg"}}""");

        Assert.Equal(
            $$$"""{"id":"{{{ids[0]}}}","type":"Message","instance_id":"{{{instance.Id}}}","created_at":"2026-06-23T22:57:17.000Z","data":{"type":"Message","event":{"text":"olá"},"media_url":"https://example.org/a.jpg"}}""",
            await client.ReceiveAsync());
    }

    [Fact]
    public async Task The_address_under_consumers_is_that_consumer_for_every_route()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using (var billing = await RawSubscriber.ConnectAsync(
            gateway.Process, instance, Dialect.Python, [], path: "/consumers/billing/events/ws"))
        {
            var ids = await gateway.Api.PublishAsync(instance, """{"type":"Message","data":{}}""");
            Assert.Equal(ids, await billing.ReceiveIdsAsync(1));
            await billing.CloseAsync();
        }

        await using var same = await RawSubscriber.ConnectAsync(gateway.Process, instance, Dialect.Python, [], more: "&consumer=billing");
        Assert.Single(await same.ReceiveIdsAsync(1));
        using var token = await gateway.Api.SendAsync(HttpMethod.Post, "/consumers/billing/token",
            JsonSerializer.Serialize(new { clientToken = gateway.Process.ClientToken, clientSecret = gateway.Process.ClientSecret }));
        Assert.True(token.IsSuccessStatusCode);
    }
}
