using System.Text.Json;

namespace VZaps.Cli.Screen;

/// <summary>
/// One event in a few words. The payload may be anyone's: what is missing or of another kind is left out, never an error.
/// </summary>
/// <param name="nameOf">The name to show for an address such as <c>12025550188@s.whatsapp.net</c>.</param>
internal sealed class EventDescription(Func<string, string> nameOf)
{
    private const int MaxLink = 2_048;

    public string Of(EventType type, JsonElement data)
    {
        try
        {
            return InWords(type, data);
        }
        catch (InvalidOperationException)
        {
            return data.GetRawText(); // half of a surrogate pair somewhere in it: JSON, but no text
        }
    }

    /// <summary>The link of the event's file; null for none.</summary>
    public static Uri? LinkOf(JsonElement data) =>
        Text(data, "media_url") is { Length: > 0 and <= MaxLink } given && Uri.TryCreate(given, UriKind.Absolute, out var link) && link.Scheme is "http" or "https" ? link : null;

    private string InWords(EventType type, JsonElement data)
    {
        var payload = Object(data, "event");
        return type.Name switch
        {
            "Message" => Message(payload),
            "ReadReceipt" => Receipt(payload, Text(data, "state")),
            "Presence" => $"{Name(payload, "From")} {(IsTrue(payload, "Unavailable") ? "went offline" : "is online")}",
            "ChatPresence" => $"{Name(payload, "Sender")} {Activity(payload)} {Place(payload, "in")}",
            "HistorySync" => History(Object(payload, "Data")),
            "Connected" => "the phone is connected to WhatsApp",
            "Disconnected" => "the phone lost its connection to WhatsApp",
            "GroupParticipantsAdd" => $"{Names(payload, "Join")} joined {Name(payload, "JID")}",
            "GroupParticipantsRemove" => $"{Names(payload, "Leave")} left {Name(payload, "JID")}",
            _ => data.GetRawText(),
        };
    }

    private string Message(JsonElement payload)
    {
        var info = Object(payload, "Info");
        var message = Object(payload, "Message");
        var image = Object(message, "imageMessage");
        var sender = Text(info, "PushName") is { Length: > 0 } name ? name : Name(info, "Sender");
        var said = image.ValueKind == JsonValueKind.Object ? $"[picture] {Text(image, "caption")}" : Text(message, "conversation");
        var chat = Text(info, "Chat");
        var to = chat.Length == 0 || chat == Text(info, "Sender") ? "" : $" {(IsTrue(info, "IsGroup") ? "in" : "to")} {nameOf(chat)}";
        return $"{sender}{to}: {said}";
    }

    private string Receipt(JsonElement payload, string state) => state switch
    {
        "Delivered" => $"delivered to {Name(payload, "Sender")}",
        "Read" => $"read by {Name(payload, "Sender")}",
        _ => $"{state}: {Name(payload, "Sender")}",
    };

    private static string Activity(JsonElement payload) => (Text(payload, "State"), Text(payload, "Media")) switch
    {
        ("composing", "audio") => "is recording",
        ("composing", _) => "is typing",
        ("paused", _) => "stopped typing",
        var (state, _) => state,
    };

    private static string History(JsonElement history)
    {
        var (chats, messages) = (0, 0L);
        foreach (var chat in Items(history, "conversations"))
        {
            chats++;
            if (chat.ValueKind == JsonValueKind.Object && chat.TryGetProperty("messageCount", out var count)
                && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var known))
                messages += known;
        }

        return $"{chats} chats with {messages} messages ({Text(history, "syncType")})";
    }

    private string Place(JsonElement payload, string preposition)
    {
        var chat = Text(payload, "Chat");
        return chat.Length == 0 || chat == Text(payload, "Sender") ? "" : $"{preposition} {nameOf(chat)}";
    }

    private string Name(JsonElement parent, string field) => nameOf(Text(parent, field));

    private string Names(JsonElement parent, string field) =>
        string.Join(", ", Items(parent, field).Where(item => item.ValueKind == JsonValueKind.String).Select(item => nameOf(item.GetString()!)));

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string field) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(field, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : default;

    private static JsonElement Object(JsonElement parent, string field) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(field, out var child) && child.ValueKind == JsonValueKind.Object ? child : default;

    private static string Text(JsonElement parent, string field)
    {
        try
        {
            return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(field, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
        }
        catch (InvalidOperationException)
        {
            return ""; // the same
        }
    }

    private static bool IsTrue(JsonElement parent, string field) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(field, out var flag) && flag.ValueKind == JsonValueKind.True;
}
