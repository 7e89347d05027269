using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps.Gateway.Instances;

/// <summary>Names of event types as a client writes them: a JSON array, or one comma-separated string.</summary>
[JsonConverter(typeof(Converter))]
internal sealed record EventNames(IReadOnlyList<string> Names)
{
    /// <summary>The types of these names; all nine where there is none. Items are trimmed, empty ones ignored.</summary>
    /// <exception cref="Http.ProblemException">400, naming the unknown one and those there are.</exception>
    public EventTypeSet ToSet()
    {
        var set = EventTypeSet.None;
        foreach (var name in Names.Select(name => name.Trim()).Where(name => name.Length > 0))
        {
            if (!EventType.TryParseKnown(name, out var type))
                throw InstanceProblems.UnknownEventType(name).ToException();
            set = set.Union(EventTypeSet.Of(type));
        }

        return set.IsEmpty ? EventTypeSet.All : set;
    }

    /// <summary>The names in a comma-separated text.</summary>
    public static EventNames Split(string text) => new(text.Split(','));

    private sealed class Converter : JsonConverter<EventNames>
    {
        public override EventNames? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
                return Split(reader.GetString()!);
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException();
            var names = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                names.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException());
            return new EventNames(names);
        }

        public override void Write(Utf8JsonWriter writer, EventNames value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Names, options);
    }
}
