using System.Buffers;
using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>What a whole body is mapped with.</summary>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Identities">Who is who.</param>
/// <param name="Outcomes">What has become of it so far.</param>
internal readonly record struct CloudMapping(DateTimeOffset ReceivedAt, CloudIdentities Identities, List<SourceOutcome> Outcomes);

/// <summary>One change of a body, and what becomes of its updates.</summary>
internal sealed class CloudChange(JsonElement change, string? waba, long? entryTime, CloudMapping mapping)
{
    public const string Source = "cloud";

    private Dictionary<string, JsonElement>? _contacts;
    private BodyIdentities? _identities;

    public string Field { get; } = change.Text("field") ?? "";

    public JsonElement Value { get; } = change.GetObject("value") ?? default;

    /// <summary>The change as it stands in the body.</summary>
    public JsonElement Element => change;

    public string? Waba => waba;

    /// <summary>The time of the entry, in Unix seconds.</summary>
    public long? EntryTime => entryTime;

    public DateTimeOffset ReceivedAt => mapping.ReceivedAt;

    /// <summary>Who is who among the people of the number.</summary>
    public BodyIdentities Identities => _identities ??= mapping.Identities.Of(PhoneNumberId);

    private JsonElement Metadata => Value.GetObject("metadata") ?? default;

    public string? PhoneNumberId => Metadata.Text("phone_number_id");

    /// <summary>The business's own number, in digits; null where it is not given.</summary>
    public string? BusinessPhone => Metadata.Text("display_phone_number") is { } phone ? WhatsAppAddress.DigitsOf(phone) : null;

    // What names no number is not everybody's of the account: it stays with the source that was posted to.
    private SourceTarget Target => PhoneNumberId is { } number ? new SourceTarget(number, waba, BusinessPhone) : default;

    public void Add(MappedEvent mapped) => AddFor(Target, mapped);

    public void AddFor(SourceTarget target, MappedEvent mapped) => mapping.Outcomes.Add(mapped with { Target = target });

    public void Count(string kind) => mapping.Outcomes.Add(new NotMapped(kind) { Target = Target });

    /// <summary>Keeps the whole change.</summary>
    public void Keep(string reason) => mapping.Outcomes.Add(new Unmappable(reason, CloudEnvelope.Around(change, waba, entryTime)) { Target = Target });

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
        mapping.Outcomes.Add(new Unmappable(reason, CloudEnvelope.Around(alone.RootElement, waba, entryTime)) { Target = Target });
    }

    /// <summary>The contact of a message or a receipt: by the user's id or the phone, as several users may stand in one body.</summary>
    public JsonElement ContactOf(string? phone, string? userId)
    {
        if (_contacts is null)
            LearnContacts();
        return userId is not null && _contacts!.TryGetValue(WhatsAppAddress.OfUserId(userId), out var contact) ? contact
            : phone is not null && _contacts!.TryGetValue(phone, out contact) ? contact
            : default;
    }

    /// <summary>Reads the list of contacts: it says which phone and which user's id are one person's.</summary>
    public void LearnContacts()
    {
        _contacts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var contact in Value.Items("contacts"))
        {
            var (phone, userId) = (contact.Text("wa_id"), contact.Text("user_id"));
            if (phone is not null)
                _contacts.TryAdd(phone, contact);
            if (userId is null)
                continue;
            _contacts.TryAdd(WhatsAppAddress.OfUserId(userId), contact);
            Identities.Learn(WhatsAppAddress.OfUserId(userId), phone);
        }
    }

    /// <summary>The address of somebody who is given as a phone or as another id.</summary>
    public string AddressOfPhoneOrId(string input) => WhatsAppAddress.IsPhone(input) ? WhatsAppAddress.OfPhone(input) : AddressOf(null, input)!;

    /// <summary>Somebody's address: by the phone where it is given, or was told for the user's id before; null where neither is given.</summary>
    public string? AddressOf(string? phone, string? userId)
    {
        if (userId is null)
            return WhatsAppAddress.Of(phone, null);
        var other = WhatsAppAddress.OfUserId(userId);
        Identities.Learn(other, phone);
        return WhatsAppAddress.Of(phone ?? Identities.PhoneOf(other), userId);
    }
}

/// <summary>The body that stands around changes.</summary>
internal static class CloudEnvelope
{
    /// <summary>A body of one entry, as it stands.</summary>
    public static ReadOnlyMemory<byte> AroundEntry(JsonElement entry) =>
        (byte[])[.. "{\"object\":\"whatsapp_business_account\",\"entry\":["u8, .. entry.Raw(), .. "]}"u8];

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
