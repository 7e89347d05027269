using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks;

/// <summary>What tests of webhooks do over and over.</summary>
internal static class WebhookCalls
{
    /// <summary>Starts a gateway that may call receivers on this machine.</summary>
    public static Task<GatewayFixture> StartGatewayAsync(
        string? dataPath = null, TimeProvider? clock = null, CapturedLog? log = null, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal) 
        {
            ["Webhooks:AllowedNetworks"] = "127.0.0.0/8",
            // Clocks jump by days.
            ["Auth:AccessTokenLifetime"] = "30.00:00:00",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        return GatewayFixture.StartAsync(dataPath, all, builder =>
        {
            if (clock is not null)
                builder.Services.AddSingleton(clock);
            if (log is not null)
                builder.Logging.AddProvider(log);
        });
    }

    public static Task<JsonElement> SetWebhookAsync(this GatewayFixture gateway, TestInstance instance, object body, string path = "/webhook") =>
        gateway.CallAsync(instance, HttpMethod.Post, path, body);

    public static Task<JsonElement> GetWebhookAsync(this GatewayFixture gateway, TestInstance instance, string path = "/webhook") =>
        gateway.CallAsync(instance, HttpMethod.Get, path);

    /// <summary>Publishes a message of a chat.</summary>
    public static async Task<string> PublishChatAsync(this GatewayFixture gateway, TestInstance instance, string chat, string text = "x")
    {
        var published = $$$"""{"type":"Message","data":{"event":{"Info":{"Chat":"{{{chat}}}"}},"text":"{{{text}}}"}}""";
        var (status, body) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", published, instance.AccessToken);
        return status == 202 ? body.GetProperty("data").GetProperty("ids")[0].GetString()! : throw new InvalidOperationException($"{status}: {body}");
    }

    /// <summary>Waits for a condition, and says what it was.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what) =>
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(condition()), seconds: 30), what);

    /// <summary>Waits until the endpoint's answer says something.</summary>
    public static async Task<JsonElement> UntilWebhookAsync(this GatewayFixture gateway, TestInstance instance, Func<JsonElement, bool> condition, string path = "/webhook")
    {
        JsonElement answer = default;
        var holds = await Eventually.HoldsAsync(async () => condition(answer = await gateway.GetWebhookAsync(instance, path)), seconds: 30);
        return holds ? answer : throw new InvalidOperationException($"Never so: {answer}");
    }

    public static JsonElement State(this JsonElement webhook) => webhook.GetProperty("state");

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
