using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using VZaps.EndToEnd.Processes;

namespace VZaps.EndToEnd.Clients;

/// <summary>The gateway's HTTP routes as a plain client calls them.</summary>
internal sealed class GatewayApi(GatewayProcess gateway) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(gateway.BaseUrl) };

    public string? AccessToken { get; private set; }

    public async Task<string> SignInAsync()
    {
        using var answer = await _http.PostAsJsonAsync("/token", new { client_token = gateway.ClientToken, client_secret = gateway.ClientSecret });
        AccessToken = (await ReadAsync(answer, HttpStatusCode.OK)).GetProperty("access_token").GetString();
        return AccessToken!;
    }

    public async Task<TestInstance> CreateInstanceAsync(string name = "test phone")
    {
        await SignInAsync();
        using var answer = await SendAsync(HttpMethod.Put, "/instances/create", JsonSerializer.Serialize(new { name }));
        var instance = await ReadAsync(answer, HttpStatusCode.Created);
        return new TestInstance(instance.GetProperty("id").GetString()!, instance.GetProperty("token").GetString()!);
    }

    /// <summary>Publishes a body; the ids it was answered with.</summary>
    public async Task<string[]> PublishAsync(TestInstance instance, string json)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", json);
        var data = (await ReadAsync(answer, HttpStatusCode.Accepted)).GetProperty("data");
        return [.. data.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!)];
    }

    /// <summary>The whole history, page after page.</summary>
    public async Task<List<JsonElement>> ReadHistoryAsync(TestInstance instance)
    {
        var events = new List<JsonElement>();
        for (string? after = null; ;)
        {
            using var answer = await SendAsync(HttpMethod.Get, $"/instances/{instance.Id}/events?limit=1000&after={after}");
            var page = (await ReadAsync(answer, HttpStatusCode.OK)).GetProperty("data");
            events.AddRange(page.GetProperty("events").EnumerateArray());
            if (!page.GetProperty("has_more").GetBoolean())
                return events;
            after = page.GetProperty("next_after").GetString();
        }
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (AccessToken is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await _http.SendAsync(request);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != expected)
            throw new HttpRequestException($"{(int)answer.StatusCode}: {body}", null, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }
}

/// <summary>An instance and its token.</summary>
internal sealed record TestInstance(string Id, string Token);
