using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Http;

public sealed class ContentTypeTests
{
    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("application/vnd.api+json")]
    public async Task A_body_is_read_as_json_whatever_the_client_calls_it(string contentType)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var token = (await SendAsync(gateway, HttpMethod.Post, "/token", $$"""{"client_token":"{{GatewayFixture.ClientToken}}","client_secret":"{{GatewayFixture.ClientSecret}}"}""", contentType, null))
            .GetProperty("access_token").GetString()!;
        var instance = (await SendAsync(gateway, HttpMethod.Put, "/instances/create", """{"name":"phone"}""", contentType, token)).GetProperty("id").GetString();

        var published = await SendAsync(gateway, HttpMethod.Post, $"/instances/{instance}/events", """{"type":"Message","data":{"\ud800":1}}""", contentType, token);

        Assert.Equal(1, published.GetProperty("data").GetProperty("ids").GetArrayLength());
    }

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/jsonl")]
    public async Task Lines_are_read_as_lines(string contentType)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var published = await SendAsync(gateway, HttpMethod.Post, $"/instances/{instance.Id}/events",
            "{\"type\":\"Message\",\"data\":{}}\n{\"type\":\"Message\",\"data\":{}}\n", contentType, instance.AccessToken);
        Assert.Equal(2, published.GetProperty("data").GetProperty("ids").GetArrayLength());
    }

    private static async Task<JsonElement> SendAsync(GatewayFixture gateway, HttpMethod method, string path, string body, string contentType, string? token)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await gateway.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
