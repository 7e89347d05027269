using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Http;

public sealed class ProblemTests
{
    [Theory]
    [InlineData("GET", "/nowhere", null, 404, "not_found")]
    [InlineData("DELETE", "/token", null, 405, "method_not_allowed")]
    [InlineData("POST", "/token", "{", 400, "invalid_json")]
    [InlineData("POST", "/token", "[]", 400, "invalid_body")]
    [InlineData("POST", "/token", "{\"client_token\":5}", 400, "invalid_body")]
    [InlineData("POST", "/token", "{}", 400, "invalid_body")]
    [InlineData("PUT", "/instances/create", "{\"name\":\"ab\"}", 400, "invalid_name")]
    [InlineData("PUT", "/instances/create", "{\"name\":\"abc\",\"webhook\":\"ftp://x\"}", 400, "invalid_webhook")]
    [InlineData("PUT", "/instances/create", "{\"name\":\"abc\",\"eventsSubscribe\":\"Message,Nope\"}", 400, "unknown_event_type")]
    [InlineData("POST", "/instances/list", "{\"size\":201}", 400, "invalid_page")]
    [InlineData("POST", "/instances/list", "{\"sort\":\"token\"}", 400, "unknown_sort")]
    [InlineData("PUT", "/instances/create", "{\"name\":\"abc\"}", 401, "credential_missing")]
    [InlineData("POST", "/instances/get", "{\"id\":\"x\"}", 400, "invalid_instance_id")]
    public async Task A_refusal_has_its_status_and_the_one_shape(string method, string path, string? body, int status, string code)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (given, answer) = await gateway.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, given);
        Assert.Equal(status, answer.GetProperty("code").GetInt32());
        Assert.False(answer.GetProperty("success").GetBoolean());
        Assert.Equal(code, answer.GetProperty("error").GetString());
        Assert.NotEmpty(answer.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task An_origin_of_loopback_is_allowed_by_default_and_another_is_not()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        Assert.True(await IsAllowedAsync(gateway, "http://localhost:5173"));
        Assert.False(await IsAllowedAsync(gateway, "https://evil.example"));
    }

    [Fact]
    public async Task Listed_origins_replace_the_default()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["Cors:Origins:0"] = "https://app.example" });
        Assert.True(await IsAllowedAsync(gateway, "https://app.example"));
        Assert.False(await IsAllowedAsync(gateway, "http://localhost:5173"));
    }

    [Fact]
    public void All_mistakes_of_the_configuration_are_listed_together()
    {
        var refusal = Assert.Throws<VZaps.Gateway.Hosting.InvalidConfigurationException>(() => GatewayApplication.Create(
            ["--Auth:AccessTokenLifetime", "soon", "--Limits:FailedTokensPerMinute", "0", "--Limits:Nonsense", "1", "--PublicUrl", "here", "--Cors:Origins:0", "app"]));
        foreach (var part in (string[])["Auth:AccessTokenLifetime is 'soon'", "Limits:FailedTokensPerMinute is '0'", "Limits:Nonsense", "PublicUrl is 'here'", "Cors:Origins:0 is 'app'"])
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> IsAllowedAsync(GatewayFixture gateway, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Add("Origin", origin);
        using var answer = await gateway.Client.SendAsync(request);
        Assert.True(answer.Headers.Contains("X-Request-Id"));
        return answer.Headers.Contains("Access-Control-Allow-Origin");
    }
}
