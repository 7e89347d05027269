using System.Text.Json.Nodes;
using VZaps.Protocol;

namespace VZaps.Cli.Demo.Phone;

/// <summary>Payloads in the shape that a WhatsApp connection gives them: <c>type</c> and <c>event</c>, with <c>state</c> or <c>media_url</c> where they belong.</summary>
internal static class EventData
{
    public static JsonObject Text(MessageInfo info, string text) =>
        Of(EventType.Message, new JsonObject { ["Info"] = info.ToJson("text"), ["Message"] = new JsonObject { ["conversation"] = text } });

    /// <param name="info">The message's head.</param>
    /// <param name="caption">What is written under the picture.</param>
    /// <param name="bytes">The picture's size.</param>
    public static JsonObject Picture(MessageInfo info, string caption, int bytes)
    {
        var image = new JsonObject { ["caption"] = caption, ["mimetype"] = Snapshot.MimeType, ["fileLength"] = bytes, ["width"] = Snapshot.Width, ["height"] = Snapshot.Height };
        return Of(EventType.Message, new JsonObject { ["Info"] = info.ToJson("media"), ["Message"] = new JsonObject { ["imageMessage"] = image } });
    }

    /// <param name="message">The message that was delivered or read.</param>
    /// <param name="reader">Whose phone says so.</param>
    /// <param name="state"><c>Delivered</c> or <c>Read</c>.</param>
    /// <param name="at">When.</param>
    public static JsonObject Receipt(MessageInfo message, Contact reader, string state, DateTimeOffset at)
    {
        var data = Of(EventType.ReadReceipt, new JsonObject
        {
            ["MessageIDs"] = new JsonArray(message.Id),
            ["Chat"] = message.Place.Jid,
            ["Sender"] = reader.Jid,
            ["IsFromMe"] = false,
            ["IsGroup"] = message.InGroup,
            ["Type"] = state == "Read" ? "read" : "",
            ["Timestamp"] = Rfc3339.ToText(at),
        });
        data["state"] = state;
        return data;
    }

    public static JsonObject Online(Contact who) =>
        Of(EventType.Presence, new JsonObject { ["From"] = who.Jid, ["Unavailable"] = false });

    public static JsonObject Offline(Contact who, DateTimeOffset lastSeen) =>
        Of(EventType.Presence, new JsonObject { ["From"] = who.Jid, ["Unavailable"] = true, ["LastSeen"] = Rfc3339.ToText(lastSeen) });

    /// <param name="chat">Where it shows.</param>
    /// <param name="who">Who does it.</param>
    /// <param name="state"><c>composing</c> or <c>paused</c>.</param>
    /// <param name="media">Empty for typing, <c>audio</c> for recording.</param>
    public static JsonObject Typing(Contact chat, Contact who, string state, string media) =>
        Of(EventType.ChatPresence, new JsonObject
        {
            ["Chat"] = chat.Jid,
            ["Sender"] = who.Jid,
            ["IsGroup"] = chat == Cast.Group,
            ["State"] = state,
            ["Media"] = media,
        });

    public static JsonObject History(string syncType, IEnumerable<(Contact Chat, int Messages)> chats)
    {
        var conversations = new JsonArray();
        foreach (var (chat, messages) in chats)
            conversations.Add(new JsonObject { ["ID"] = chat.Jid, ["name"] = chat.Name, ["messageCount"] = messages });
        return Of(EventType.HistorySync, new JsonObject
        {
            ["Data"] = new JsonObject { ["syncType"] = syncType, ["progress"] = 100, ["conversations"] = conversations },
        });
    }

    public static JsonObject Connected() => Of(EventType.Connected, []);

    public static JsonObject Disconnected() => Of(EventType.Disconnected, []);

    public static JsonObject Joined(Contact group, Contact by, Contact who, DateTimeOffset at) =>
        Of(EventType.GroupParticipantsAdd, Membership(group, by, "Join", who, at));

    public static JsonObject Left(Contact group, Contact by, Contact who, DateTimeOffset at) =>
        Of(EventType.GroupParticipantsRemove, Membership(group, by, "Leave", who, at));

    private static JsonObject Membership(Contact group, Contact by, string change, Contact who, DateTimeOffset at) => new()
    {
        ["JID"] = group.Jid,
        ["Sender"] = by.Jid,
        ["Timestamp"] = Rfc3339.ToText(at),
        [change] = new JsonArray(who.Jid),
    };

    private static JsonObject Of(EventType type, JsonObject payload) => new() { ["type"] = type.Name, ["event"] = payload };
}
