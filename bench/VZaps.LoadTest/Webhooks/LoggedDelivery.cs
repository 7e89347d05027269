using System.Net.Http.Json;
using System.Text.Json;

namespace VZaps.LoadTest.Webhooks;

/// <summary>A delivery as the gateway's logs have it.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Attempts">When each kept attempt began, the first one first.</param>
internal sealed record LoggedDelivery(string Status, IReadOnlyList<DateTimeOffset> Attempts)
{
    private const int PageSize = 200;

    public bool IsFailed => Status == "failed";

    public bool IsPending => Status == "pending";

    public bool IsDelivered => Status == "delivered";

    /// <summary>All logs of an instance, by endpoint and event.</summary>
    public static async Task<Dictionary<(string Endpoint, string EventId), LoggedDelivery>> ReadAllAsync(HttpClient http, string instance)
    {
        var logs = new Dictionary<(string, string), LoggedDelivery>();
        for (string? after = null; ;)
        {
            using var answer = await http.PostAsJsonAsync($"/instances/{instance}/webhook/logs/search", new { size = PageSize, after });
            answer.EnsureSuccessStatusCode();
            var page = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
            foreach (var log in page.GetProperty("content").EnumerateArray())
                logs.Add((log.GetProperty("endpoint").GetString()!, log.GetProperty("event_id").GetString()!), Of(log));
            after = page.GetProperty("next_after").GetString();
            if (after is null)
                return logs;
        }
    }

    /// <summary>Whether an instance's endpoints have nothing to deliver any more.</summary>
    public static async Task<bool> IsAllSettledAsync(HttpClient http, string instance)
    {
        var answer = await http.GetFromJsonAsync<JsonElement>($"/instances/{instance}/webhooks");
        return answer.GetProperty("data").EnumerateArray().All(endpoint => endpoint.GetProperty("state").GetProperty("oldest_undelivered_at").ValueKind == JsonValueKind.Null);
    }

    private static LoggedDelivery Of(JsonElement log) => new(
        log.GetProperty("status").GetString()!,
        [.. log.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("time").GetDateTimeOffset())]);
}
