using System.Text;
using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Http;

/// <summary>The limits as a client meets them: at the number, and one beyond it.</summary>
public sealed class LimitTests
{
    private const int MaxEnvelope = 1_048_576, MaxPublish = 8 * 1024 * 1024, MaxOther = 262_144;

    [Fact]
    public async Task More_events_a_second_than_an_instance_may_publish_are_429_and_stored_in_no_part()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["Limits:PublishedEventsPerSecond"] = "10" });
        var (token, instance) = await InstanceAsync(gateway);
        Assert.Equal(202, (await PublishAsync(gateway, token, instance, Events(600))).Status); // taken whole, and waited off

        var refusal = await PublishAsync(gateway, token, instance, Events(1));

        Assert.Equal((429, "publish_rate_exceeded"), (refusal.Status, refusal.Error));
        Assert.InRange(refusal.RetryAfter!.Value.TotalSeconds, 30, 60);
        Assert.Equal(600, (await LastAsync(gateway, token, instance)).Count);
        var (otherToken, other) = await InstanceAsync(gateway);
        Assert.Equal(202, (await PublishAsync(gateway, otherToken, other, Events(1))).Status);
    }

    [Fact]
    public async Task More_bytes_a_second_than_an_instance_may_publish_are_429_until_they_are_waited_off()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["Limits:PublishedBytesPerSecond"] = "10000" });
        var (token, instance) = await InstanceAsync(gateway);
        var large = $$$"""{"type":"Message","data":{"text":"{{{new string('x', 60_000)}}}"}}""";
        Assert.Equal(202, (await PublishAsync(gateway, token, instance, large)).Status);

        var refusal = await PublishAsync(gateway, token, instance, large);

        Assert.Equal((429, "publish_rate_exceeded"), (refusal.Status, refusal.Error));
        Assert.InRange(refusal.RetryAfter!.Value.TotalSeconds, 1, 7);
        Assert.True(await Eventually.HoldsAsync(async () => (await PublishAsync(gateway, token, instance, large)).Status == 202));
    }

    [Fact]
    public async Task An_event_of_the_largest_envelope_is_taken_and_one_more_byte_is_413()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (token, instance) = await InstanceAsync(gateway);
        await PublishAsync(gateway, token, instance, WithText(1_000));
        var besideText = (await LastAsync(gateway, token, instance))[0] - 1_000;

        Assert.Equal(202, (await PublishAsync(gateway, token, instance, WithText(MaxEnvelope - besideText))).Status);
        var refusal = await PublishAsync(gateway, token, instance, $"[{Events(1)[1..^1]},{WithText(MaxEnvelope - besideText + 1)}]");

        Assert.Equal((413, "event_too_large", 1), (refusal.Status, refusal.Error, refusal.Index));
        Assert.Equal(2, (await LastAsync(gateway, token, instance)).Count);
    }

    [Fact]
    public async Task A_publish_of_the_largest_body_is_taken_and_one_more_byte_is_413()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (token, instance) = await InstanceAsync(gateway);
        var events = Events(1);
        Assert.Equal(202, (await PublishAsync(gateway, token, instance, events + new string(' ', MaxPublish - events.Length))).Status);

        var refusal = await PublishAsync(gateway, token, instance, events + new string(' ', MaxPublish - events.Length + 1));
        Assert.Equal((413, "body_too_large"), (refusal.Status, refusal.Error));

        // Without a length the server cannot know beforehand.
        var chunked = await PublishAsync(gateway, token, instance, events + new string(' ', MaxPublish - events.Length + 1), chunked: true);
        Assert.Equal((413, "body_too_large"), (chunked.Status, chunked.Error));
    }

    [Theory]
    [InlineData(100)] // in the block in which the headers came
    [InlineData(20_000)] // over several blocks
    [InlineData(65_536)] // the largest that is read in place
    [InlineData(65_537)] // the smallest that is gathered
    public async Task A_body_is_taken_whole_however_it_is_read_and_a_broken_one_leaves_the_connection_usable(int bytes)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (token, instance) = await InstanceAsync(gateway);
        var text = bytes - WithText(0).Length;
        await PublishAsync(gateway, token, instance, WithText(0));
        var besideText = (await LastAsync(gateway, token, instance))[0];

        var broken = await PublishAsync(gateway, token, instance, WithText(text)[..^1] + "]");
        var empty = await PublishAsync(gateway, token, instance, "");
        var whole = await PublishAsync(gateway, token, instance, WithText(text));

        Assert.Equal((400, "invalid_json"), (broken.Status, broken.Error));
        Assert.Equal(400, empty.Status);
        Assert.Equal(202, whole.Status);
        Assert.Equal([besideText, besideText + text], await LastAsync(gateway, token, instance));
    }

    [Fact]
    public async Task A_publish_of_1000_events_is_taken_and_one_more_is_413()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (token, instance) = await InstanceAsync(gateway);
        Assert.Equal(202, (await PublishAsync(gateway, token, instance, Events(1_000))).Status);
        var refusal = await PublishAsync(gateway, token, instance, Events(1_001));
        Assert.Equal((413, "too_many_events"), (refusal.Status, refusal.Error));
        Assert.Equal(1_000, (await LastAsync(gateway, token, instance)).Count);
    }

    [Theory]
    [InlineData("POST", "/token", "{}", 400)]
    [InlineData("PUT", "/instances/create", "{\"name\":\"a name\"}", 201)]
    public async Task Another_routes_body_of_the_largest_size_is_taken_and_one_more_byte_is_413(string method, string path, string body, int taken)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var token = await gateway.TokenAsync();
        Assert.Equal(taken, (await gateway.SendAsync(new HttpMethod(method), path, body.PadRight(MaxOther), token)).Status);
        var (status, refusal) = await gateway.SendAsync(new HttpMethod(method), path, body.PadRight(MaxOther + 1), token);
        Assert.Equal((413, "body_too_large"), (status, refusal.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task After_30_refused_tokens_an_address_is_429_for_the_rest_of_the_minute_with_the_right_secret_too()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        for (var i = 0; i < 30; i++)
            Assert.Equal(401, (await SendAsync(gateway, "/token", """{"client_token":"a","client_secret":"b"}""")).Status);

        var refusal = await SendAsync(gateway, "/token", $$"""{"client_token":"{{GatewayFixture.ClientToken}}","client_secret":"{{GatewayFixture.ClientSecret}}"}""");

        Assert.Equal((429, "too_many_failed_tokens"), (refusal.Status, refusal.Error));
        Assert.InRange(refusal.RetryAfter!.Value.TotalSeconds, 1, 60);
    }

    private static string WithText(int length) => $$$"""{"type":"Message","data":{"text":"{{{new string('x', length)}}}"}}""";

    private static string Events(int count) => $$"""[{{string.Join(',', Enumerable.Repeat("""{"type":"Message","data":{}}""", count))}}]""";

    private static async Task<(string Token, string Instance)> InstanceAsync(GatewayFixture gateway)
    {
        var token = await gateway.TokenAsync();
        return (token, (await gateway.CreateInstanceAsync(token)).Id);
    }

    /// <summary>The bytes of each stored envelope.</summary>
    private static async Task<List<int>> LastAsync(GatewayFixture gateway, string token, string instance)
    {
        var (_, page) = await gateway.SendAsync(HttpMethod.Get, $"/instances/{instance}/events?limit=1000", accessToken: token);
        return [.. page.GetProperty("data").GetProperty("events").EnumerateArray().Select(stored => Encoding.UTF8.GetByteCount(stored.GetRawText()))];
    }

    private static Task<Answer> PublishAsync(GatewayFixture gateway, string token, string instance, string body, bool chunked = false) =>
        SendAsync(gateway, $"/instances/{instance}/events", body, token, chunked);

    private static async Task<Answer> SendAsync(GatewayFixture gateway, string path, string body, string? token = null, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        request.Headers.TransferEncodingChunked = chunked;
        if (token is not null)
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        using var answer = await gateway.Client.SendAsync(request);
        var read = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        return new Answer((int)answer.StatusCode, read.TryGetProperty("error", out var error) ? error.GetString() : null, answer.Headers.RetryAfter?.Delta,
            read.TryGetProperty("index", out var index) && index.ValueKind == JsonValueKind.Number ? index.GetInt32() : null);
    }

    private sealed record Answer(int Status, string? Error, TimeSpan? RetryAfter, int? Index);
}
