using System.Text.Json;

namespace VZaps.Protocol;

/// <summary>
/// The chat that an event's data is of, read without a document: <c>event.Info.Chat</c> of messages, <c>event.Chat</c> of receipts and chat presence,
/// <c>event.JID</c> of groups, <c>event.From</c> of presence. Both ends keep a chat's order by it, so both have to find the same one.
/// </summary>
internal static class ChatOfData
{
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 256 };

    /// <summary>The chat; null where there is none.</summary>
    /// <param name="utf8">The data: a JSON object.</param>
    /// <exception cref="JsonException">It is no JSON, or deeper than 256.</exception>
    /// <exception cref="InvalidOperationException">A name or the chat is no text: JSON may escape half of a surrogate pair.</exception>
    public static string? Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Deep);
        return reader.Read() && TryEnter(ref reader, "event"u8) && reader.TokenType == JsonTokenType.StartObject ? InEvent(ref reader) : null;
    }

    private static string? InEvent(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("Info"u8))
            {
                reader.Read();
                if (TryEnter(ref reader, "Chat"u8))
                    return Text(ref reader);
                continue;
            }

            var isChat = reader.ValueTextEquals("Chat"u8) || reader.ValueTextEquals("JID"u8) || reader.ValueTextEquals("From"u8);
            reader.Read();
            if (isChat && reader.TokenType == JsonTokenType.String)
                return Text(ref reader);
            reader.Skip();
        }

        return null;
    }

    /// <summary>Goes from an object to the value of one of its members; to the object's end, and false, where it has none. Anything but an object is skipped.</summary>
    private static bool TryEnter(ref Utf8JsonReader reader, ReadOnlySpan<byte> member)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(member);
            reader.Read();
            if (isIt)
                return true;
            reader.Skip();
        }

        return false;
    }

    private static string? Text(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } text ? text : null;
}
