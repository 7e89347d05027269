using System.Text.Json;

namespace VZaps.Gateway.Tests.Fixtures;

/// <summary>The routes that tests of delivery use.</summary>
internal static class GatewayCalls
{
    public static async Task<TestInstance> NewInstanceAsync(this GatewayFixture gateway)
    {
        var accessToken = await gateway.TokenAsync();
        var (id, token) = await gateway.CreateInstanceAsync(accessToken);
        return new TestInstance(id, token, accessToken);
    }

    /// <summary>Publishes messages; their ids.</summary>
    public static async Task<string[]> PublishAsync(this GatewayFixture gateway, TestInstance instance, int count = 1, int bytes = 10, string type = "Message")
    {
        var text = new string('x', bytes);
        var events = Enumerable.Range(0, count).Select(_ => new { type, data = new { text } });
        var (status, body) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", events, instance.AccessToken);
        return status == 202
            ? [.. body.GetProperty("data").GetProperty("ids").EnumerateArray().Select(id => id.GetString()!)]
            : throw new InvalidOperationException($"{status}: {body}");
    }

    /// <summary>Calls a route of the instance; the answer's data.</summary>
    public static async Task<JsonElement> CallAsync(this GatewayFixture gateway, TestInstance instance, HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await gateway.SendAsync(method, $"/instances/{instance.Id}{path}", body, instance.AccessToken);
        return status == 200 ? answer.GetProperty("data") : throw new InvalidOperationException($"{status}: {answer}");
    }

    /// <summary>Calls a route that refuses; the status and the code.</summary>
    public static async Task<(int Status, string Code)> RefusalAsync(this GatewayFixture gateway, TestInstance instance, HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await gateway.SendAsync(method, $"/instances/{instance.Id}{path}", body, instance.AccessToken);
        return (status, answer.GetProperty("error").GetString()!);
    }

    /// <summary>A consumer's dead letters.</summary>
    public static async Task<JsonElement[]> LettersAsync(this GatewayFixture gateway, TestInstance instance, string query = "") =>
        [.. (await gateway.CallAsync(instance, HttpMethod.Get, "/deadletters" + query)).GetProperty("dead_letters").EnumerateArray()];

    /// <summary>Waits for so many dead letters.</summary>
    public static async Task<JsonElement[]> WaitForLettersAsync(this GatewayFixture gateway, TestInstance instance, int count)
    {
        JsonElement[] letters = [];
        var found = await Eventually.HoldsAsync(async () => (letters = await gateway.LettersAsync(instance)).Length == count);
        return found ? letters : throw new InvalidOperationException($"{letters.Length} dead letters, not {count}");
    }

    /// <summary>Waits until a consumer has no connection: one that has read the server's close is ahead of the server's own account of it.</summary>
    public static async Task WaitUntilGoneAsync(this GatewayFixture gateway, TestInstance instance, string name = "default")
    {
        if (!await Eventually.HoldsAsync(async () => (await gateway.ConsumerAsync(instance, name)).GetProperty("connections").GetArrayLength() == 0))
            throw new InvalidOperationException($"{name} is still connected");
    }

    /// <summary>A consumer as the API shows it.</summary>
    public static async Task<JsonElement> ConsumerAsync(this GatewayFixture gateway, TestInstance instance, string name = "default") =>
        (await gateway.CallAsync(instance, HttpMethod.Get, "/consumers")).EnumerateArray().Single(consumer => consumer.GetProperty("name").GetString() == name);
}
