using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Http;

/// <summary>First lines and headers at their limits, byte for byte as they go over the wire.</summary>
public sealed class RequestSizeTests
{
    private const int Limit = 4_096;

    [Theory]
    [InlineData("GET /health/live?x={fill} HTTP/1.1\r\n", "Host: x\r\nConnection: close\r\n\r\n", 414, "uri_too_long")]
    [InlineData("GET /health/live?access_token={fill}&y HTTP/1.1\r\n", "Host: x\r\nConnection: close\r\n\r\n", 414, "uri_too_long")]
    public Task A_first_line_of_the_largest_size_is_taken_and_one_more_byte_is_414(string line, string rest, int status, string error) =>
        AssertLimitAsync(fill => line.Replace("{fill}", fill, StringComparison.Ordinal) + rest, line.Length - "{fill}".Length, status, error);

    [Fact]
    public Task Headers_of_the_largest_size_are_taken_and_one_more_byte_is_431()
    {
        const string Headers = "Host: x\r\nConnection: close\r\nX-A: {fill}\r\n";
        return AssertLimitAsync(fill => $"GET /health/live HTTP/1.1\r\n{Headers.Replace("{fill}", fill, StringComparison.Ordinal)}\r\n",
            Headers.Length - "{fill}".Length, 431, "headers_too_large");
    }

    [Theory]
    [InlineData("GET /health/live?x={fill} HTTP/1.1\r\nHost: x\r\n\r\n", 414)]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: {fill}\r\n\r\n", 431)]
    public async Task Far_beyond_the_limit_the_server_refuses_before_it_has_read_all(string request, int status)
    {
        await using var gateway = await StartAsync();
        var (given, _) = await SendAsync(gateway, request.Replace("{fill}", new string('x', 2 * Limit), StringComparison.Ordinal));
        Assert.Equal(status, given);
    }

    private static async Task AssertLimitAsync(Func<string, string> request, int beside, int status, string error)
    {
        await using var gateway = await StartAsync();
        Assert.Equal(200, (await SendAsync(gateway, request(new string('x', Limit - beside)))).Status);

        var (given, body) = await SendAsync(gateway, request(new string('x', Limit - beside + 1)));

        Assert.Equal(status, given);
        var read = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Equal((status, false, error), (read.GetProperty("code").GetInt32(), read.GetProperty("success").GetBoolean(), read.GetProperty("error").GetString()));
        Assert.Contains("4096 bytes (Limits:", read.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static Task<GatewayFixture> StartAsync() => GatewayFixture.StartAsync(
        settings: new() { ["Limits:MaxRequestLineBytes"] = $"{Limit}", ["Limits:MaxRequestHeaderBytes"] = $"{Limit}" });

    private static async Task<(int Status, string Body)> SendAsync(GatewayFixture gateway, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Client.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        var answer = (await reader.ReadToEndAsync()).Split("\r\n\r\n", 2);
        return (int.Parse(answer[0].AsSpan("HTTP/1.1 ".Length, 3)), answer[1]);
    }
}
