namespace VZaps;

/// <summary>A contact came online or went offline.</summary>
public sealed record PresenceEvent : EventPayload
{
    /// <summary>The contact's address.</summary>
    public string From { get; init; } = "";

    /// <summary>Whether the contact is online.</summary>
    public bool IsOnline { get; init; }

    /// <summary>When the contact was last online, in UTC; null where that is not shown.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}

/// <summary>Someone is typing or recording in a chat, or has stopped.</summary>
public sealed record ChatPresenceEvent : EventPayload
{
    /// <summary>The chat's address.</summary>
    public string Chat { get; init; } = "";

    /// <summary>Whose doing it is; empty where the source did not say.</summary>
    public string Sender { get; init; } = "";

    /// <summary>Whether the chat is a group.</summary>
    public bool IsGroup { get; init; }

    /// <summary>What they do.</summary>
    public ChatActivity Activity { get; init; }
}

/// <summary>What somebody does in a chat.</summary>
public enum ChatActivity
{
    /// <summary>Something that this version does not know; its name is in <see cref="EventPayload.Data"/>.</summary>
    Unknown,

    /// <summary>They stopped.</summary>
    Paused,

    /// <summary>They type.</summary>
    Typing,

    /// <summary>They record a voice note.</summary>
    Recording,
}
