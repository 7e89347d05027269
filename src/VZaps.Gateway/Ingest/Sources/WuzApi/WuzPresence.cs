namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>Who is online, and who types. Without keys: the next one makes it untrue in any case.</summary>
internal static class WuzPresence
{
    public static void Map(WuzUpdate update)
    {
        var isOfChat = update.Type == "ChatPresence";
        var missing = isOfChat ? update.Event.Text("Chat") is null ? "Chat" : update.Event.Text("State") is null ? "State" : null
            : update.Event.Text("From") is null ? "From" : null;
        if (missing is not null)
        {
            update.Keep($"A presence has no '{missing}'.");
            return;
        }

        var people = WuzPeople.Of(update, update.Event);
        update.Add(
            isOfChat ? EventType.ChatPresence : EventType.Presence,
            own: null,
            key: "",
            data => people.CopyMembers(data, update.Event, "Source", "truncated"),
            data => data.Text("state", update.Root.Text("state")));
    }
}
