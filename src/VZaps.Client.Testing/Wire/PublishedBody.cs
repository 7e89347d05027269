using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Client.Testing.Delivery;

namespace VZaps.Client.Testing.Wire;

/// <summary>The body of a publish: one event or a list of them.</summary>
internal static class PublishedBody
{
    /// <summary>Appends all of them or none, and answers.</summary>
    /// <param name="pump">Where to.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="appended">How many there are more now: none where they are refused, or were there already.</param>
    public static HttpResponseMessage Append(EventPump pump, ReadOnlyMemory<byte> body, out int appended)
    {
        appended = 0;
        try
        {
            using var json = JsonDocument.Parse(body);
            var items = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.EnumerateArray().ToList() : [json.RootElement];
            return items.Select(Mistake).FirstOrDefault(mistake => mistake is not null) is { } mistake ? Refuse(mistake) : FakeAnswer.Data(HttpStatusCode.Accepted, Append(pump, items, out appended));
        }
        catch (JsonException)
        {
            return Refuse("The body is no JSON.");
        }
    }

    private static HttpResponseMessage Refuse(string mistake) => FakeAnswer.Refuse(HttpStatusCode.BadRequest, "malformed_body", mistake);

    private static JsonObject Append(EventPump pump, List<JsonElement> items, out int appended)
    {
        var (ids, duplicates) = (new JsonArray(), new JsonArray());
        foreach (var item in items)
        {
            var type = EventType.Parse(item.GetProperty("type").GetString()!);
            var created = item.TryGetProperty("created_at", out var at) && Rfc3339.TryParse(at.GetString(), out var time) ? time : (DateTimeOffset?)null;
            var key = item.TryGetProperty("idempotency_key", out var given) ? given.GetString() : null;
            var logged = EventData.Append(pump, type, created, item.GetProperty("data"), key, out var isDuplicate);
            if (isDuplicate)
                duplicates.Add((JsonNode)ids.Count);
            ids.Add((JsonNode)logged.Id);
        }

        appended = ids.Count - duplicates.Count;
        return new JsonObject { ["ids"] = ids, ["duplicates"] = duplicates };
    }

    private static string? Mistake(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("type", out var type) || !item.TryGetProperty("data", out var data))
            return "An event has a type and data.";
        if (type.ValueKind != JsonValueKind.String || !EventType.TryParseKnown(type.GetString(), out var known) || known == EventType.All)
            return $"That is not an event type. Use one of: {EventType.Names}.";
        return data.ValueKind == JsonValueKind.Object ? null : "An event's data is an object.";
    }
}

/// <summary>An event's <c>data</c> as it goes into its envelope.</summary>
internal static class EventData
{
    /// <summary>Appends it, with its type put in where it has none, as the contract has it.</summary>
    public static LoggedEvent Append(EventPump pump, EventType type, DateTimeOffset? createdAt, JsonElement data, string? key, out bool isDuplicate)
    {
        var bytes = Encoding.UTF8.GetBytes(data.GetRawText());
        if (data.TryGetProperty("type", out _))
            return pump.Append(type, createdAt, [], bytes, key, out isDuplicate);
        var isEmpty = !data.EnumerateObject().Any();
        var prefix = Encoding.UTF8.GetBytes($"{{\"type\":\"{type.Name}\"{(isEmpty ? "" : ",")}");
        return pump.Append(type, createdAt, prefix, bytes.AsSpan(bytes.AsSpan().IndexOf((byte)'{') + 1), key, out isDuplicate);
    }
}
