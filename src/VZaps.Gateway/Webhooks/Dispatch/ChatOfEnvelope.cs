using System.Text.Json;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// The chat that an event is of: <c>event.Info.Chat</c> of messages, <c>event.Chat</c> of receipts and chat presence, <c>event.JID</c> of groups,
/// <c>event.From</c> of presence. Connections and history have none.
/// </summary>
internal static class ChatOfEnvelope
{
    // No real chat has a longer name, and what a row keeps has to be bounded.
    private const int MaxLength = 256;
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 256 };
    private static readonly EventTypeSet WithChat = EventTypeSet.Of(
        EventType.Message, EventType.ReadReceipt, EventType.Presence, EventType.ChatPresence, EventType.GroupParticipantsAdd, EventType.GroupParticipantsRemove);

    /// <summary>The chat; null where the event has none.</summary>
    public static string? Read(in PostedEvent posted)
    {
        if (!WithChat.Contains(posted.Type))
            return null;
        try
        {
            var reader = new Utf8JsonReader(posted.Data.Span, Deep);
            return reader.Read() && TryEnter(ref reader, "event"u8) && reader.TokenType == JsonTokenType.StartObject ? InEvent(ref reader) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Deeper than anybody reads, or half of a surrogate pair: it was taken as it is, and goes out as it is.
            return null;
        }
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

    /// <summary>Goes from an object to the value of one of its members; to its end, and false, where it has none.</summary>
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

    private static string? Text(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 and <= MaxLength } text ? text : null;
}
