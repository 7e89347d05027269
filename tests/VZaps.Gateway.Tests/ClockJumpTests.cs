using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests;

/// <summary>A running gateway whose wall clock is put back or forward.</summary>
public sealed class ClockJumpTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Deliveries_idempotency_and_limits_go_on_and_ids_stay_sorted(int hours)
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, new() { ["Limits:PublishedEventsPerSecond"] = "1000", ["Limits:FailedTokensPerMinute"] = "1" });
        var token = await gateway.TokenAsync();
        var (id, instanceToken) = await gateway.CreateInstanceAsync(token);
        await using var subscriber = await TestReader.ConnectAsync(gateway, new TestInstance(id, instanceToken, token));
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await PublishAsync(gateway, token, id, $"key {i}"));
            Assert.Equal(ids[i], await subscriber.NextAckedAsync());
            clock.Jump(TimeSpan.FromHours(i % 2 == 0 ? hours : -hours));
            token = await gateway.TokenAsync();
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        for (var i = 0; i < 4; i++)
            Assert.Equal(ids[i], await PublishAsync(gateway, token, id, $"key {i}"));

        // One that connects after the jump goes on behind what is acked.
        await using var second = await TestReader.ConnectAsync(gateway, new TestInstance(id, instanceToken, token));
        var last = await PublishAsync(gateway, token, id, "the last");
        Assert.Equal(last, await subscriber.NextAckedAsync());
        Assert.Equal(last, await second.NextAckedAsync());
    }

    [Fact]
    public async Task A_clock_that_was_put_back_blocks_no_address_for_longer()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, new() { ["Limits:FailedTokensPerMinute"] = "1" });
        Assert.Equal(401, (await gateway.SendAsync(HttpMethod.Post, "/token", new { client_token = "a", client_secret = "b" })).Status);
        clock.Jump(TimeSpan.FromHours(-1));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/token")
        {
            Content = new StringContent("""{"client_token":"a","client_secret":"b"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        using var refusal = await gateway.Client.SendAsync(request);
        Assert.Equal(429, (int)refusal.StatusCode);
        Assert.InRange(refusal.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task A_clock_that_was_put_back_makes_no_publisher_wait_for_longer()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, new() { ["Limits:PublishedEventsPerSecond"] = "1" });
        var token = await gateway.TokenAsync();
        var (id, _) = await gateway.CreateInstanceAsync(token);
        await PublishAsync(gateway, token, id, "first");
        clock.Jump(TimeSpan.FromHours(-1));
        Assert.True(await Eventually.HoldsAsync(async () => (await SendAsync(gateway, token, id, "second")).Status == 202));
    }

    private static Task<GatewayFixture> StartAsync(JumpingClock clock, Dictionary<string, string?> settings) =>
        GatewayFixture.StartAsync(settings: settings, configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));

    private static async Task<string> PublishAsync(GatewayFixture gateway, string token, string instance, string key)
    {
        var (status, answer) = await SendAsync(gateway, token, instance, key);
        return status == 202
            ? answer.GetProperty("data").GetProperty("ids")[0].GetString()!
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{status}: {answer}"));
    }

    private static Task<(int Status, System.Text.Json.JsonElement Body)> SendAsync(GatewayFixture gateway, string token, string instance, string key) =>
        gateway.SendAsync(HttpMethod.Post, $"/instances/{instance}/events", new { type = "Message", data = new { }, idempotency_key = key }, token);
}
