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
}

/// <summary>One text frame from a client, read without allocating.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">The acked event, where it is an ack of a well-formed id.</param>
public readonly record struct ClientFrame(ClientFrameKind Kind, EventPosition Position)
{
    /// <summary>
    /// Reads a frame. An ack's event may be spelt <c>event_id</c>, <c>id</c> or <c>eventId</c>; an ack without a
    /// well-formed id is <see cref="ClientFrameKind.Unknown"/>.
    /// </summary>
    public static ClientFrame Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return ReadObject(utf8);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static ClientFrame ReadObject(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;

        var isAck = false;
        var hasId = false;
        EventPosition position = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isId = reader.ValueTextEquals("event_id"u8) || reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("eventId"u8);
            reader.Read();
            if (isType)
                isAck = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("ack"u8);
            else if (isId && reader.TokenType == JsonTokenType.String && TryReadId(ref reader, out var id))
                (hasId, position) = (true, id);
            reader.Skip();
        }

        // What follows the object is no part of it: {"type":"ack"} x is malformed.
        reader.Read();
        return isAck && hasId ? new ClientFrame(ClientFrameKind.Ack, position) : new ClientFrame(ClientFrameKind.Unknown, default);
    }

    private static bool TryReadId(ref Utf8JsonReader reader, out EventPosition position)
    {
        if (!reader.ValueIsEscaped)
            return EventPosition.TryParse(reader.ValueSpan, out position);
        // An id written with \u escapes is legal JSON, and short once unescaped; a longer text is no id.
        Span<byte> unescaped = stackalloc byte[EventId.Length * 6];
        position = default;
        return reader.ValueSpan.Length <= unescaped.Length
            && EventPosition.TryParse(unescaped[..reader.CopyString(unescaped)], out position);
    }
}
