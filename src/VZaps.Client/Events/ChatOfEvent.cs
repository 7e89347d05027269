using System.Text.Json;

namespace VZaps.Client.Events;

/// <summary>The chat that an event is of.</summary>
internal static class ChatOfEvent
{
    /// <summary>The chat; null where the event has none.</summary>
    /// <exception cref="JsonException">The data is deeper than 256.</exception>
    /// <exception cref="InvalidOperationException">A name or the chat is no text: JSON may escape half of a surrogate pair.</exception>
    public static string? Read(VZapsEvent received) =>
        // Megabytes of many chats.
        received.Type == EventType.HistorySync ? null : ChatOfData.Read(received.DataUtf8.Span);
}
