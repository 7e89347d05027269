using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps.Client.Http;

/// <summary>An event type as its name. Names that this version does not know are kept.</summary>
internal sealed class EventTypeConverter : JsonConverter<EventType>
{
    public override EventType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { Length: > 0 } name ? EventType.Parse(name) : throw new JsonException("An event type has no name.");

    public override void Write(Utf8JsonWriter writer, EventType value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
}
