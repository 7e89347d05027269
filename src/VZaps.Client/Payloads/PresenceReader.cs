namespace VZaps.Client.Payloads;

/// <summary>Reads who is online, and who types.</summary>
internal static class PresenceReader
{
    public static PresenceEvent Read(JsonPlace data)
    {
        var presence = data.Get("event");
        return new PresenceEvent
        {
            From = presence.Text("From"),
            IsOnline = !presence.Flag("Unavailable"),
            LastSeen = presence.Time("LastSeen"),
        };
    }

    public static ChatPresenceEvent ReadChat(JsonPlace data)
    {
        var presence = data.Get("event");
        return new ChatPresenceEvent
        {
            Chat = presence.Text("Chat"),
            Sender = presence.OptionalText("Sender") ?? "",
            IsGroup = presence.Flag("IsGroup"),
            Activity = (presence.Text("State"), presence.OptionalText("Media")) switch
            {
                ("composing", "audio") => ChatActivity.Recording,
                ("composing", _) => ChatActivity.Typing,
                ("paused", _) => ChatActivity.Paused,
                _ => ChatActivity.Unknown,
            },
        };
    }
}
