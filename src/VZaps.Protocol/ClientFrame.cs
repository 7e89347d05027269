using System.Text.Json;

namespace VZaps.Protocol;

/// <summary>What a text frame from a client is.</summary>
public enum ClientFrameKind
{
    /// <summary>Not a JSON object.</summary>
    Malformed,

    /// <summary>A JSON object that says nothing that the server knows.</summary>
    Unknown,

    /// <summary>An ack of one event.</summary>
    Ack,

    /// <summary>Extension: an ack of several events, by their ids.</summary>
    AckMany,

    /// <summary>Extension: an ack of everything up to and with an event.</summary>
    AckUpTo,

    /// <summary>Extension: deliver an event again.</summary>
    Nack,

    /// <summary>Extension: an event's handler is still at it.</summary>
    Working,

    /// <summary>Extension: an event is refused for good.</summary>
    Reject,
}

/// <summary>One text frame from a client, read without allocating.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">The event, where the frame is about one.</param>
/// <param name="Milliseconds">Of a nack its delay, of <c>working</c> its extension; null where the frame has none.</param>
/// <param name="Detail">Of <see cref="ClientFrameKind.AckMany"/> the ids, of a reject the reason: where the frame has
/// them, as raw JSON. Read them with <see cref="ReadIds"/> and <see cref="ReadReason"/>.</param>
public readonly record struct ClientFrame(ClientFrameKind Kind, EventPosition Position, long? Milliseconds = null, Range Detail = default)
{
    /// <summary>
    /// Reads a frame. An ack's event may be spelt <c>event_id</c>, <c>id</c> or <c>eventId</c>; a frame without a
    /// well-formed id where it needs one is <see cref="ClientFrameKind.Unknown"/>.
    /// </summary>
    public static ClientFrame Read(ReadOnlySpan<byte> utf8)
    {
        if (TryReadUsualAck(utf8, out var ack))
            return ack;
        try
        {
            return ReadObject(utf8);
        }
        catch (JsonException)
        {
            return default;
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a character, which the reader tells no sooner than it compares it: JSON, but no name or id.
            return new ClientFrame(ClientFrameKind.Unknown, default);
        }
    }

    /// <summary>Hands over the ids of a frame of <see cref="ClientFrameKind.AckMany"/>, one by one; what is no id is passed over.</summary>
    /// <param name="utf8">The frame that was read.</param>
    /// <param name="state">Handed to <paramref name="take"/>, so that it need not capture it.</param>
    /// <param name="take">Gets each id.</param>
    /// <returns>How many items of the list were no ids.</returns>
    public int ReadIds<TState>(ReadOnlySpan<byte> utf8, TState state, Action<TState, EventPosition> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        var reader = new Utf8JsonReader(utf8[Detail]);
        reader.Read();
        var others = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (TryReadWellFormedId(ref reader, out var id))
                take(state, id);
            else
                others++;
            reader.Skip();
        }

        return others;
    }

    /// <summary>The reason of a reject; null without one, or where it is no text (escapes may spell half of a character).</summary>
    /// <param name="utf8">The frame that was read.</param>
    /// <param name="maxLength">Characters that are kept.</param>
    public string? ReadReason(ReadOnlySpan<byte> utf8, int maxLength)
    {
        if (Detail.Equals(default))
            return null;
        var reader = new Utf8JsonReader(utf8[Detail]);
        reader.Read();
        try
        {
            var text = reader.GetString()!;
            if (text.Length <= maxLength)
                return text;
            return text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Reads an ack in the form that most serializers give it, byte for byte: whatever else it is, is read as JSON.</summary>
    private static bool TryReadUsualAck(ReadOnlySpan<byte> utf8, out ClientFrame ack)
    {
        ack = default;
        if (!TrySkip(ref utf8, "{\"type\":\"ack\",\""u8)
            || !(TrySkip(ref utf8, "event_id\":\""u8) || TrySkip(ref utf8, "id\":\""u8) || TrySkip(ref utf8, "eventId\":\""u8))
            || utf8.Length != EventId.Length + 2 || !utf8.EndsWith("\"}"u8) || !EventId.TryRead(utf8[..EventId.Length], out var position))
        {
            return false;
        }

        ack = new ClientFrame(ClientFrameKind.Ack, position);
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> start)
    {
        if (!utf8.StartsWith(start))
            return false;
        utf8 = utf8[start.Length..];
        return true;
    }

    private static ClientFrame ReadObject(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;

        var type = ClientFrameKind.Unknown;
        EventPosition? one = null, upTo = null;
        long? milliseconds = null;
        Range ids = default, reason = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(ref reader);
            reader.Read();
            switch (field)
            {
                case Field.Type:
                    type = TypeOf(ref reader);
                    break;
                case Field.Id when TryReadId(ref reader, out var id):
                    one = id;
                    break;
                case Field.UpTo when TryReadId(ref reader, out var id):
                    upTo = id;
                    break;
                case Field.Milliseconds when reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number):
                    milliseconds = (long)Math.Clamp(number, 0, ExtensionProtocol.LongestDelay.TotalMilliseconds);
                    break;
                case Field.Ids when reader.TokenType == JsonTokenType.StartArray:
                    ids = Skip(ref reader);
                    continue;
                case Field.Reason when reader.TokenType == JsonTokenType.String:
                    reason = Skip(ref reader);
                    continue;
            }

            reader.Skip();
        }

        // What follows the object is no part of it: {"type":"ack"} x is malformed.
        reader.Read();
        return (type, one, upTo) switch
        {
            (ClientFrameKind.Ack, _, { } last) => new ClientFrame(ClientFrameKind.AckUpTo, last),
            (ClientFrameKind.Ack, _, _) when !ids.Equals(default) => new ClientFrame(ClientFrameKind.AckMany, default, Detail: ids),
            (ClientFrameKind.Unknown, _, _) or (_, null, _) => new ClientFrame(ClientFrameKind.Unknown, default),
            _ => new ClientFrame(type, one.Value, milliseconds, reason),
        };
    }

    private static Range Skip(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    private static Field FieldOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
            return Field.Type;
        if (reader.ValueTextEquals("event_id"u8) || reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("eventId"u8))
            return Field.Id;
        if (reader.ValueTextEquals("event_ids"u8) || reader.ValueTextEquals("eventIds"u8))
            return Field.Ids;
        if (reader.ValueTextEquals("up_to"u8) || reader.ValueTextEquals("upTo"u8))
            return Field.UpTo;
        if (reader.ValueTextEquals("delay_ms"u8) || reader.ValueTextEquals("extend_ms"u8)
            || reader.ValueTextEquals("delayMs"u8) || reader.ValueTextEquals("extendMs"u8))
            return Field.Milliseconds;
        return reader.ValueTextEquals("reason"u8) ? Field.Reason : Field.Other;
    }

    private static ClientFrameKind TypeOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            return ClientFrameKind.Unknown;
        if (reader.ValueTextEquals("ack"u8))
            return ClientFrameKind.Ack;
        if (reader.ValueTextEquals("nack"u8))
            return ClientFrameKind.Nack;
        if (reader.ValueTextEquals("working"u8))
            return ClientFrameKind.Working;
        return reader.ValueTextEquals("reject"u8) ? ClientFrameKind.Reject : ClientFrameKind.Unknown;
    }

    private static bool TryReadWellFormedId(ref Utf8JsonReader reader, out EventPosition position)
    {
        try
        {
            return TryReadId(ref reader, out position);
        }
        catch (InvalidOperationException)
        {
            position = default;
            return false;
        }
    }

    private static bool TryReadId(ref Utf8JsonReader reader, out EventPosition position)
    {
        position = default;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        if (!reader.ValueIsEscaped)
            return EventPosition.TryParse(reader.ValueSpan, out position);
        // An id written with \u escapes is legal JSON, and short once unescaped; a longer text is no id.
        Span<byte> unescaped = stackalloc byte[EventId.Length * 6];
        return reader.ValueSpan.Length <= unescaped.Length
            && EventPosition.TryParse(unescaped[..reader.CopyString(unescaped)], out position);
    }

    private enum Field
    {
        Other,
        Type,
        Id,
        Ids,
        UpTo,
        Milliseconds,
        Reason,
    }
}
