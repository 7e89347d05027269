using System.Text.Json;

namespace VZaps;

/// <summary>A part of the phone's history. It comes in several events; <see cref="Progress"/> tells how far it is.</summary>
public sealed record HistorySyncEvent : EventPayload
{
    /// <summary>What kind of history, by the source's name or number; null where it did not say.</summary>
    public string? SyncType { get; init; }

    /// <summary>The place among the chunks of its kind; null where the source did not say.</summary>
    public int? ChunkOrder { get; init; }

    /// <summary>How much of the history has come, 0 to 100; null where the source did not say.</summary>
    public int? Progress { get; init; }

    /// <summary>Which part of a chunk that was split this is, from 1; null for a whole one.</summary>
    public int? Part { get; init; }

    /// <summary>Into how many parts the chunk was split; null for a whole one.</summary>
    public int? Parts { get; init; }

    /// <summary>The chats; may be empty.</summary>
    public IReadOnlyList<HistoryConversation> Conversations { get; init; } = [];
}

/// <summary>A chat in the history.</summary>
public sealed record HistoryConversation
{
    /// <summary>The chat's address.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its name; null where the source did not say.</summary>
    public string? Name { get; init; }

    /// <summary>How many of its messages were unread; null where the source did not say.</summary>
    public int? UnreadCount { get; init; }

    /// <summary>Its messages; may be empty.</summary>
    public IReadOnlyList<HistoryMessage> Messages { get; init; } = [];
}

/// <summary>A message in the history.</summary>
public sealed record HistoryMessage
{
    /// <summary>WhatsApp's id of it.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>Whether the instance's own account wrote it.</summary>
    public bool IsFromMe { get; init; }

    /// <summary>The name that the author gave themselves; null where the source did not say.</summary>
    public string? PushName { get; init; }

    /// <summary>When it was written, in UTC; null where the source did not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>What was written; null for what is no text.</summary>
    public string? Text { get; init; }

    /// <summary>The message's content as it came; an undefined element where there was none.</summary>
    public JsonElement Content { get; init; }
}
