using System.Buffers;
using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>One change of a body, and what has become of its updates so far.</summary>
internal sealed class CloudChange(JsonElement change, string? waba, long? entryTime, DateTimeOffset receivedAt, List<SourceOutcome> outcomes)
{
    public const string Source = "cloud";

    public string Field { get; } = change.Text("field") ?? "";

    public JsonElement Value { get; } = change.GetObject("value") ?? default;

    /// <summary>The change as it stands in the body.</summary>
    public JsonElement Element => change;

    public string? Waba => waba;

    /// <summary>The time of the entry, in Unix seconds.</summary>
    public long? EntryTime => entryTime;

    public DateTimeOffset ReceivedAt => receivedAt;

    private JsonElement Metadata => Value.GetObject("metadata") ?? default;

    public string? PhoneNumberId => Metadata.Text("phone_number_id");

    /// <summary>The business's own number, in digits; null where it is not given.</summary>
    public string? BusinessPhone => Metadata.Text("display_phone_number") is { } phone ? WhatsAppAddress.DigitsOf(phone) : null;

    private SourceTarget Target => new(PhoneNumberId, waba, BusinessPhone);

    public void Add(MappedEvent mapped) => outcomes.Add(mapped with { Target = Target });

    public void AddFor(SourceTarget target, MappedEvent mapped) => outcomes.Add(mapped with { Target = target });

    public void Count(string kind) => outcomes.Add(new NotMapped(kind) { Target = PhoneNumberId is null ? default : Target });

    /// <summary>Keeps the whole change.</summary>
    public void Keep(string reason) => outcomes.Add(new Unmappable(reason, CloudEnvelope.Around(change, waba, entryTime)) { Target = PhoneNumberId is null ? default : Target });

    /// <summary>Keeps one element of a list of the change, in an envelope of its own.</summary>
    public void Keep(string reason, string list, JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, EventData.JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("field", Field);
            json.WriteStartObject("value");
            foreach (var name in (ReadOnlySpan<string>)["messaging_product", "metadata", "contacts", "initiated_by"])
            {
                if (Value.Get(name) is { } shared)
                    CloudEnvelope.WriteRaw(json, name, shared);
            }

            json.WriteStartArray(list);
            json.WriteRawValue(element.Raw(), skipInputValidation: true);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var alone = JsonDocument.Parse(buffer.WrittenMemory);
        outcomes.Add(new Unmappable(reason, CloudEnvelope.Around(alone.RootElement, waba, entryTime)) { Target = PhoneNumberId is null ? default : Target });
    }

    /// <summary>The contact of a message or a receipt: by the user's id or the phone, as several users may stand in one body.</summary>
    public JsonElement ContactOf(string? phone, string? userId)
    {
        foreach (var contact in Value.Items("contacts"))
        {
            if ((userId is not null && contact.Text("user_id") == userId) || (phone is not null && contact.Text("wa_id") == phone))
                return contact;
        }

        return default;
    }
}

/// <summary>The body that stands around changes.</summary>
internal static class CloudEnvelope
{
    public static ReadOnlyMemory<byte> Around(JsonElement change, string? waba, long? entryTime)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, EventData.JsonOptions);
        json.WriteStartObject();
        json.WriteString("object", "whatsapp_business_account");
        json.WriteStartArray("entry");
        json.WriteStartObject();
        if (waba is not null)
            json.WriteString("id", waba);
        if (entryTime is { } time)
            json.WriteNumber("time", time);
        json.WriteStartArray("changes");
        json.WriteRawValue(change.Raw(), skipInputValidation: true);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static void WriteRaw(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.Raw(), skipInputValidation: true);
    }
}
