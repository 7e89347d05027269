using System.Text;
using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What a payload would become.</summary>
/// <param name="Events">Its events, without ids.</param>
/// <param name="NotMapped">The kinds of what would be counted.</param>
/// <param name="Kept">Why what would be kept cannot be mapped.</param>
internal sealed record SourceTestAnswer(IReadOnlyList<TestedEvent> Events, IReadOnlyList<string> NotMapped, IReadOnlyList<string> Kept)
{
    public static SourceTestAnswer Of(IReadOnlyList<SourceOutcome> outcomes) => new(
        [.. outcomes.OfType<MappedEvent>().Select(one => new TestedEvent(
            one.Type.Name, Rfc3339.ToText(one.CreatedAt), one.Key.Length == 0 ? null : one.Key, one.Target.PhoneNumberId, JsonSerializer.Deserialize<JsonElement>(one.Data.Span)))],
        [.. outcomes.OfType<NotMapped>().Select(one => one.Kind)],
        [.. outcomes.OfType<Unmappable>().Select(one => one.Reason)]);
}

/// <summary>An event that a payload would become.</summary>
internal sealed record TestedEvent(string Type, string CreatedAt, string? IdempotencyKey, string? PhoneNumberId, JsonElement Data);

/// <summary>A payload as a sender of the source would send it.</summary>
internal static class SourceSample
{
    public static ReadOnlyMemory<byte> Of(Source source, DateTimeOffset now) => Encoding.UTF8.GetBytes(source.Kind == SourceKind.Cloud
        ? $$$"""
          {"object":"whatsapp_business_account","entry":[{"id":{{{Text(source.Waba ?? "100000000000001")}}},"changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
          "metadata":{"display_phone_number":"{{{source.Phone ?? "15550001111"}}}","phone_number_id":{{{Text(source.PhoneNumberId ?? "")}}} },
          "contacts":[{"profile":{"name":"Ana Lima"},"wa_id":"15550002222"}],
          "messages":[{"from":"15550002222","id":"wamid.TEST","timestamp":"{{{now.ToUnixTimeSeconds()}}}","type":"text","text":{"body":"A test of the source"}}] } }]}]}
          """
        : $$$"""
          {"type":"Message","userID":"test","instanceName":"test","event":{"Info":{"Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net","IsFromMe":false,"IsGroup":false,
          "ID":"3EB0TEST","Type":"text","PushName":"Ana Lima","Timestamp":"{{{Rfc3339.ToText(now)}}}"},"Message":{"conversation":"A test of the source"} } }
          """);

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
