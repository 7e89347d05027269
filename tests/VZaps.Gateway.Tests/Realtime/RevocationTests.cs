using VZaps.Gateway.Hosting;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class RevocationTests
{
    [Fact]
    public async Task A_new_client_secret_closes_the_connections_that_came_with_an_access_token_and_no_others()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var byToken = await TestReader.ConnectAsync(gateway, instance, accessToken: instance.AccessToken);
        await using var byClientToken = await TestReader.ConnectAsync(gateway, instance);

        Assert.Equal(0, await CommandLine.RunAsync(["accounts", "rotate", "--client-token", GatewayFixture.ClientToken, "--data-path", gateway.DataPath]));

        Assert.Equal(4001, await byToken.ReceiveCloseAsync());
        var (status, _) = await gateway.SendAsync(
            HttpMethod.Post, $"/instances/{instance.Id}/events", """{"type":"Message","data":{}}""", accessToken: null,
            ("X-Instance-Token", instance.Token), ("X-Client-Token", GatewayFixture.ClientToken));
        Assert.Equal(202, status);
        await byClientToken.NextIdsAsync(1);
    }

    [Fact]
    public async Task An_access_token_that_has_expired_is_401()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["Auth:AccessTokenLifetime"] = "00:00:01" });
        var token = await gateway.TokenAsync();
        Assert.True(await Eventually.HoldsAsync(async () => (await gateway.SendAsync(HttpMethod.Post, "/instances/list", new { }, token)).Status == 401));
    }

    [Fact]
    public async Task The_101st_consumer_of_an_instance_is_refused()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        for (var number = 1; number <= 100; number++)
        {
            await using var reader = await TestReader.ConnectAsync(gateway, instance, $"&consumer=c{number}");
            await reader.CloseAsync();
        }

        var refused = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => TestReader.ConnectAsync(gateway, instance, "&consumer=c101"));
        Assert.Contains("400", refused.Message, StringComparison.Ordinal);
        await gateway.CallAsync(instance, HttpMethod.Delete, "/consumers/c1");
        await using var next = await TestReader.ConnectAsync(gateway, instance, "&consumer=c101");
    }
}
