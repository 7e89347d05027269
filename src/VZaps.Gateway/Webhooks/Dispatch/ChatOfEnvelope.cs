using System.Text.Json;

namespace VZaps.Gateway.Webhooks;

/// <summary>The chat that an event is of; connections and history have none.</summary>
internal static class ChatOfEnvelope
{
    // No real chat has a longer name, and what a row keeps has to be bounded.
    private const int MaxLength = 256;
    private static readonly EventTypeSet WithChat = EventTypeSet.Of(
        EventType.Message, EventType.ReadReceipt, EventType.Presence, EventType.ChatPresence, EventType.GroupParticipantsAdd, EventType.GroupParticipantsRemove);

    /// <summary>The chat; null where the event has none.</summary>
    public static string? Read(in PostedEvent posted)
    {
        if (!WithChat.Contains(posted.Type))
            return null;
        try
        {
            return ChatOfData.Read(posted.Data.Span) is { Length: <= MaxLength } chat ? chat : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Deeper than anybody reads, or half of a surrogate pair: it was taken as it is, and goes out as it is.
            return null;
        }
    }
}
