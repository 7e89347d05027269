using System.Text.Json;

namespace VZaps.Client.Events;

/// <summary>Reads a text frame: one envelope, or a JSON array of them.</summary>
internal static class EnvelopeReader
{
    /// <summary>An event that its server took may be as deep as JSON readers usually go, and stands in an array here.</summary>
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 256 };

    /// <summary>The events of the frame, in its order. The array's elements that are no envelopes are counted in <paramref name="unreadable"/>.</summary>
    /// <param name="frame">The message; the events keep it, so nobody may change it afterwards.</param>
    /// <param name="unreadable">How many envelopes of the frame, or the frame itself, could not be read.</param>
    public static IReadOnlyList<VZapsEvent> Read(ReadOnlyMemory<byte> frame, out int unreadable)
    {
        unreadable = 0;
        var events = new List<VZapsEvent>(1);
        try
        {
            var reader = new Utf8JsonReader(frame.Span, Deep);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Add(events, ReadOne(ref reader, frame), ref unreadable);
            }
            else
            {
                Add(events, ReadOne(ref reader, frame), ref unreadable);
            }

            if (reader.Read())
                throw new JsonException();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // What stood before the break was well-formed, but a frame that is no JSON is not to be trusted by halves.
            unreadable = 1;
            return [];
        }

        return events;
    }

    private static void Add(List<VZapsEvent> events, VZapsEvent? read, ref int unreadable)
    {
        if (read is null)
            unreadable++;
        else
            events.Add(read);
    }

    private static VZapsEvent? ReadOne(ref Utf8JsonReader reader, ReadOnlyMemory<byte> frame)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var start = (int)reader.TokenStartIndex;
        string? id = null, type = null, instanceId = null, createdAt = null;
        ReadOnlyMemory<byte> data = default;
        var delivery = 1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
                id = ReadText(ref reader);
            else if (reader.ValueTextEquals("type"u8))
                type = ReadText(ref reader);
            else if (reader.ValueTextEquals("instance_id"u8))
                instanceId = ReadText(ref reader);
            else if (reader.ValueTextEquals("created_at"u8))
                createdAt = ReadText(ref reader);
            else if (reader.ValueTextEquals("data"u8))
                data = ReadSlice(ref reader, frame);
            else if (reader.ValueTextEquals("delivery"u8))
                delivery = ReadCount(ref reader);
            else
                reader.Skip();
        }

        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(type))
            return null;
        var time = Rfc3339.TryParse(createdAt, out var parsed) ? parsed : default;
        var raw = frame[start..(int)reader.BytesConsumed];
        return new VZapsEvent(id, EventType.Parse(type), instanceId ?? "", time, raw, data, delivery);
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    private static int ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count))
            return Math.Max(count, 1);
        reader.Skip();
        return 1;
    }

    private static ReadOnlyMemory<byte> ReadSlice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> frame)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return frame[start..(int)reader.BytesConsumed];
    }
}
