using System.Text.Json;

namespace VZaps.Client.Events;

/// <summary>
/// The chat that an event is of, read from the payload without a document: <c>event.Info.Chat</c> of messages, <c>event.Chat</c> of receipts and chat
/// presence, <c>event.JID</c> of groups, <c>event.From</c> of presence.
/// </summary>
internal static class ChatOfEvent
{
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 256 };

    /// <summary>The chat; null where the event has none.</summary>
    public static string? Read(VZapsEvent received)
    {
        // Megabytes of many chats.
        if (received.Type == EventType.HistorySync)
            return null;
        var reader = new Utf8JsonReader(received.DataUtf8.Span, Deep);
        return reader.Read() && TryEnter(ref reader, "event"u8) ? InEvent(ref reader) : null;
    }

    private static string? InEvent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
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
