using VZaps.Gateway.Accounts;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Instances;

public sealed class InstanceRouteTests
{
    [Fact]
    public async Task An_instance_is_made_listed_changed_rotated_and_deleted()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var token = await gateway.TokenAsync();
        var (id, secret) = await gateway.CreateInstanceAsync(token, "First");
        await gateway.CreateInstanceAsync(token, "Second");

        var (_, list) = await gateway.SendAsync(HttpMethod.Post, "/instances/list",
            """{"page":1,"size":1,"sort":"name","sortDesc":true,"filter":{"query":""}}""", token);
        Assert.Equal(2, list.GetProperty("total").GetInt32());
        Assert.Equal(2, list.GetProperty("total_pages").GetInt32());
        Assert.Equal(2, list.GetProperty("summary").GetProperty("disconnected").GetInt32());
        Assert.Equal("Second", list.GetProperty("content")[0].GetProperty("name").GetString());
        Assert.False(list.GetProperty("content")[0].TryGetProperty("token", out _));

        var (patched, changed) = await gateway.SendAsync(HttpMethod.Patch, $"/instances/{id}",
            """{"webhookURL":"https://9.9.9.9/x","eventsSubscribe":["Message","Connected"],"labels":{"team":"a"}}""", token);
        Assert.Equal(200, patched);
        Assert.Equal("First", changed.GetProperty("name").GetString());
        Assert.Equal("https://9.9.9.9/x", changed.GetProperty("webhook").GetString());
        Assert.Equal(2, changed.GetProperty("events_subscribe").GetArrayLength());

        var (rotated, answer) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{id}/token/rotate", null, token);
        Assert.Equal(200, rotated);
        Assert.NotEqual(secret, answer.GetProperty("token").GetString());
        var (stale, refusal) = await gateway.SendAsync(HttpMethod.Post, "/instances/get", new { id }, token, ("X-Instance-Token", secret));
        Assert.Equal(401, stale);
        Assert.Equal("invalid_instance_token", refusal.GetProperty("error").GetString());

        Assert.Equal(204, (await gateway.SendAsync(HttpMethod.Delete, $"/instances/{id}", null, token)).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, "/instances/get", new { id }, token)).Status);
    }

    [Fact]
    public async Task Every_credential_that_is_presented_has_to_be_valid_and_of_the_same_owner()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var other = AccountStore.NewCredentials();
        await gateway.Get<AccountStore>().AddAsync("Other", other, CancellationToken.None);
        await gateway.Get<AccountDirectory>().RefreshAsync(CancellationToken.None);
        var token = await gateway.TokenAsync();
        var (id, _) = await gateway.CreateInstanceAsync(token);
        var othersToken = await gateway.TokenAsync(other.ClientToken, other.ClientSecret);

        await RefusedAsync(404, "instance_not_found", othersToken);
        await RefusedAsync(401, "credentials_differ", token, ("X-Client-Token", other.ClientToken));
        await RefusedAsync(401, "invalid_client_token", token, ("X-Client-Token", "vzc_nobody"));
        await RefusedAsync(401, "invalid_instance_token", token, ("X-Instance-Token", "vzi_wrong"));
        await RefusedAsync(401, "invalid_access_token", "not.a.jwt", ("X-Client-Token", other.ClientToken));
        await RefusedAsync(401, "invalid_authorization", null, ("Authorization", "Basic eDp5"));
        await RefusedAsync(401, "credential_missing", null, ("X-Client-Token", other.ClientToken));

        async Task RefusedAsync(int status, string code, string? accessToken, params (string, string)[] headers)
        {
            var (given, answer) = await gateway.SendAsync(HttpMethod.Post, "/instances/get", new { id }, accessToken, headers);
            Assert.Equal((status, code), (given, answer.GetProperty("error").GetString()));
        }
    }

    [Fact]
    public async Task Health_and_the_contract_are_served()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Get, "/health/ready")).Status);
        var (status, document) = await gateway.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        Assert.Equal(200, status);
        Assert.True(document.GetProperty("paths").TryGetProperty("/instances/create", out _));
        var page = await gateway.Client.GetStringAsync("/docs/");
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        gateway.Get<VZaps.Gateway.Http.DrainState>().Begin();
        var (draining, answer) = await gateway.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal((503, "draining"), (draining, answer.GetProperty("error").GetString()));
    }
}
