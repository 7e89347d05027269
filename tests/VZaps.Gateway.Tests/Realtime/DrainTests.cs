using System.Net;
using System.Text.Json;
using VZaps.Gateway.Http;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class DrainTests
{
    [Theory]
    [InlineData("GET", "/events/ws?instance_id=nonsense")]
    [InlineData("POST", "/instances/VZ00000000000000000000000000000000/events")]
    public async Task While_draining_connections_and_publishes_are_503_with_retry_after_whatever_else_is_wrong(string method, string path)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        gateway.Get<DrainState>().Begin();

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await gateway.Client.SendAsync(request);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), (answer.StatusCode, body.GetProperty("error").GetString()));
        Assert.True(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_drain_tells_clients_of_the_extension_to_go_and_closes_plain_ones_and_those_who_stay_with_1001()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var plain = await TestReader.ConnectAsync(gateway, instance);
        await using var goes = await TestReader.ConnectAsync(gateway, instance, extended: true);
        await using var stays = await TestReader.ConnectAsync(gateway, instance, extended: true);

        var stopping = gateway.App.StopAsync();
        var goAway = (await goes.ReceiveAsync())!.Value;
        await goes.CloseAsync();

        Assert.Equal("goaway", goAway.GetProperty("type").GetString());
        Assert.True(goAway.GetProperty("reconnect_after_ms").GetInt64() > 0);
        Assert.Equal(1001, await plain.ReceiveCloseAsync());
        Assert.Equal(1001, await stays.ReceiveCloseAsync());
        await stopping;
    }
}
