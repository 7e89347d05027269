using System.Globalization;
using System.Text.Json;
using VZaps.Client.Events;
using VZaps.Client.Media;

namespace VZaps.Client.Webhooks;

/// <summary>The event in a post whose signature was right.</summary>
internal static class WebhookBody
{
    /// <summary>As deep as the gateway takes events.</summary>
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };

    /// <exception cref="WebhookVerificationException">It has none, or a header contradicts it.</exception>
    public static VZapsEvent Read(string id, Func<string, string?> headers, ReadOnlyMemory<byte> body, MediaAccess? media = null)
    {
        using var json = Parse(body);
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw Unreadable("it is no JSON object");
        // Only the gateway knows an event's id before it has one, so what has it is an envelope and not data that somebody published.
        var isEnvelope = root.TryGetProperty("id", out var said) && said.ValueKind == JsonValueKind.String && said.ValueEquals(id) && root.TryGetProperty("data", out _);
        var envelope = isEnvelope ? body : Wrap(id, headers, root, body);
        if (EnvelopeReader.Read(envelope, out _) is not [var received])
            throw Unreadable("it has no event type");
        RequireSame(headers, WebhookHeaders.EventType, received.Type.Name);
        RequireSame(headers, WebhookHeaders.Instance, received.InstanceId);
        return new VZapsEvent(received.Id, received.Type, received.InstanceId, received.CreatedAt, received.Raw, received.DataUtf8, Attempt(headers), media);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Deep);
        }
        catch (JsonException broken)
        {
            throw new WebhookVerificationException(WebhookMistake.UnreadableBody, "The body is signed, but it is no JSON.", broken);
        }
    }

    /// <summary>The envelope around a body that is the event's data alone, of what the headers say.</summary>
    private static byte[] Wrap(string id, Func<string, string?> headers, JsonElement data, ReadOnlyMemory<byte> body)
    {
        using var buffer = new MemoryStream(body.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = Deep.MaxDepth }))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("type", Text(data, "type") ?? headers(WebhookHeaders.EventType));
            json.WriteString("instance_id", headers(WebhookHeaders.Instance));
            json.WriteString("created_at", headers(WebhookHeaders.CreatedAt));
            json.WritePropertyName("data");
            // Parsed above.
            json.WriteRawValue(body.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void RequireSame(Func<string, string?> headers, string name, string signed)
    {
        if (headers(name) is { Length: > 0 } said && said != signed)
            throw new WebhookVerificationException(WebhookMistake.MalformedHeader, $"The header {name} contradicts the signed body.");
    }

    private static string? Text(JsonElement of, string name)
    {
        try
        {
            return of.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which JSON allows and text does not.
            throw Unreadable($"its {name} is no text");
        }
    }

    private static int Attempt(Func<string, string?> headers) =>
        int.TryParse(headers(WebhookHeaders.Attempt), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) ? Math.Max(attempt, 1) : 1;

    private static WebhookVerificationException Unreadable(string why) => new(WebhookMistake.UnreadableBody, $"The body is signed, but {why}.");
}
