using System.Net.Http.Headers;
using System.Text.Json;
using VZaps.EndToEnd.Processes;

namespace VZaps.EndToEnd.Clients;

/// <summary>A WebSocket handshake that is expected to be refused, so that the answer's body can be read.</summary>
internal static class Handshake
{
    private static readonly HttpClient Http = new();

    public static async Task<Refusal> RefusedAsync(GatewayProcess gateway, string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.BaseUrl + target);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(Guid.NewGuid().ToByteArray()));
        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if ((int)answer.StatusCode < 400)
            throw new InvalidOperationException($"The handshake was answered with {(int)answer.StatusCode}.");
        var body = await answer.Content.ReadAsStringAsync();
        var error = JsonSerializer.Deserialize<JsonElement>(body);
        if (error.GetProperty("code").GetInt32() != (int)answer.StatusCode || error.GetProperty("success").GetBoolean())
            throw new InvalidOperationException(body);
        return new Refusal((int)answer.StatusCode, error.GetProperty("error").GetString()!, error.GetProperty("message").GetString()!,
            body, answer.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);
    }

    internal sealed record Refusal(int Status, string Error, string Message, string Body, string? RetryAfter);
}
