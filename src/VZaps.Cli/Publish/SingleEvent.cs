using System.Text.Json;

namespace VZaps.Cli.Publish;

/// <summary>The one event that the options describe, as the line that it would be.</summary>
internal static class SingleEvent
{
    /// <exception cref="MisuseException">The payload is no JSON object.</exception>
    public static EventBatch Of(EventType type, string data, string? key, DateTimeOffset? createdAt)
    {
        using var body = new MemoryStream();
        using (var payload = Parse(data))
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type.Name);
            if (createdAt is { } time)
                writer.WriteString("created_at", Rfc3339.ToText(time));
            if (key is not null)
                writer.WriteString("idempotency_key", key);
            writer.WritePropertyName("data");
            payload.RootElement.WriteTo(writer);
            writer.WriteEndObject();
        }

        var batch = new EventBatch();
        if (!batch.HasRoomFor((int)body.Length))
            throw new MisuseException("--data is too large: an event has at most 1 MiB.");
        batch.Add(1, body.GetBuffer().AsSpan(0, (int)body.Length), key is not null);
        return batch;
    }

    private static JsonDocument Parse(string data)
    {
        try
        {
            var payload = JsonDocument.Parse(data);
            if (payload.RootElement.ValueKind == JsonValueKind.Object)
                return payload;
            payload.Dispose();
        }
        catch (JsonException broken)
        {
            throw new MisuseException($"--data is not JSON: it breaks off or goes wrong at byte {broken.BytePositionInLine + 1}. Quote it for the shell: --data '{{\"text\":\"hello\"}}'.", broken);
        }

        throw new MisuseException("--data must be a JSON object, such as '{\"text\":\"hello\"}'.");
    }
}
