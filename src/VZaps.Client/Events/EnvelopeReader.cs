using System.Text.Json;
using VZaps.Client.Media;

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
        var events = new List<VZapsEvent>(1);
        unreadable = Read(frame, "", media: null, events);
        return events;
    }

    /// <summary>The same for a loop that reads many.</summary>
    /// <param name="frame">The message; the events keep it, so nobody may change it afterwards.</param>
    /// <param name="instanceId">The instance that they are probably of: its text need not be made again for each.</param>
    /// <param name="media">What their files are fetched with; null for the defaults.</param>
    /// <param name="events">Where they go.</param>
    /// <returns>How many envelopes of the frame, or the frame itself, could not be read.</returns>
    public static int Read(ReadOnlyMemory<byte> frame, string instanceId, MediaAccess? media, List<VZapsEvent> events)
    {
        var unreadable = 0;
        try
        {
            var reader = new Utf8JsonReader(frame.Span, Deep);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Add(events, ReadOne(ref reader, frame, instanceId, media), ref unreadable);
            }
            else
            {
                Add(events, ReadOne(ref reader, frame, instanceId, media), ref unreadable);
            }

            if (reader.Read())
                throw new JsonException();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // What stood before the break was well-formed, but a frame that is no JSON is not to be trusted by halves.
            events.Clear();
            return 1;
        }

        return unreadable;
    }

    private static void Add(List<VZapsEvent> events, VZapsEvent? read, ref int unreadable)
    {
        if (read is null)
            unreadable++;
        else
            events.Add(read);
    }

    private static VZapsEvent? ReadOne(ref Utf8JsonReader reader, ReadOnlyMemory<byte> frame, string probableInstance, MediaAccess? media)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var start = (int)reader.TokenStartIndex;
        string? id = null, instanceId = null;
        EventType type = default;
        DateTimeOffset createdAt = default;
        ReadOnlyMemory<byte> data = default;
        var delivery = 1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
                id = ReadText(ref reader);
            else if (reader.ValueTextEquals("type"u8))
                type = ReadType(ref reader);
            else if (reader.ValueTextEquals("instance_id"u8))
                instanceId = ReadText(ref reader, probableInstance);
            else if (reader.ValueTextEquals("created_at"u8))
                createdAt = ReadTime(ref reader);
            else if (reader.ValueTextEquals("data"u8))
                data = ReadSlice(ref reader, frame);
            else if (reader.ValueTextEquals("delivery"u8))
                delivery = ReadCount(ref reader);
            else
                reader.Skip();
        }

        if (string.IsNullOrEmpty(id) || type.Name.Length == 0)
            return null;
        var raw = frame[start..(int)reader.BytesConsumed];
        return new VZapsEvent(id, type, instanceId ?? "", createdAt, raw, data, delivery, media);
    }

    /// <summary>A text; <paramref name="probable"/> itself, where it is that.</summary>
    private static string? ReadText(ref Utf8JsonReader reader, string probable = "")
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.ValueTextEquals(probable) ? probable : reader.GetString();
        reader.Skip();
        return null;
    }

    private static EventType ReadType(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0)
            return reader.ValueIsEscaped ? EventType.Parse(reader.GetString()!) : EventType.Parse(reader.ValueSpan);
        reader.Skip();
        return default;
    }

    private static DateTimeOffset ReadTime(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            reader.Skip();
        else if (reader.ValueIsEscaped ? Rfc3339.TryParse(reader.GetString(), out var time) : Rfc3339.TryParse(reader.ValueSpan, out time))
            return time;
        return default;
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
