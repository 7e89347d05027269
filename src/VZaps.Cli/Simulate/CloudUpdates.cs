using System.Globalization;
using System.Text.Json.Nodes;
using VZaps.Cli.Demo.Phone;
using VZaps.Protocol;

namespace VZaps.Cli.Simulate;

/// <summary>What happens on the phone as the WhatsApp Business Cloud API would tell it.</summary>
/// <param name="phoneNumberId">The id of the business's number.</param>
internal sealed class CloudUpdates(string phoneNumberId)
{
    private const string Waba = "100000000000001";
    private static readonly string Business = NumberOf(Cast.Owner.Jid);

    /// <summary>The body that stands around changes.</summary>
    public static JsonObject Body(IEnumerable<JsonObject> changes) => new()
    {
        ["object"] = "whatsapp_business_account",
        ["entry"] = new JsonArray(new JsonObject { ["id"] = Waba, ["changes"] = new JsonArray([.. changes]) }),
    };

    /// <summary>The change; null for what the Cloud API never tells: who is online and who types.</summary>
    public JsonObject? ChangeOf(PhoneEvent happened, DateTimeOffset now)
    {
        var content = happened.Data["event"]!.AsObject();
        if (happened.Type == EventType.Message)
            return Message(content);
        if (happened.Type == EventType.ReadReceipt)
            return Status(content, happened.Data["state"]!.GetValue<string>());
        if (happened.Type == EventType.GroupParticipantsAdd || happened.Type == EventType.GroupParticipantsRemove)
            return Group(content, isAdd: happened.Type == EventType.GroupParticipantsAdd);
        if (happened.Type == EventType.HistorySync)
            return Change("history", "history", new JsonObject { ["metadata"] = new JsonObject { ["phase"] = 0, ["chunk_order"] = Seconds(now), ["progress"] = 100 }, ["threads"] = new JsonArray() });
        if (happened.Type == EventType.Connected)
            return Account("ACCOUNT_RECONNECTED", now);
        return happened.Type == EventType.Disconnected ? Account("PARTNER_REMOVED", now) : null;
    }

    private JsonObject Message(JsonObject content)
    {
        var (info, said) = (content["Info"]!.AsObject(), content["Message"]!.AsObject());
        var (chat, sender) = (info["Chat"]!.GetValue<string>(), info["Sender"]!.GetValue<string>());
        var isFromMe = info["IsFromMe"]?.GetValue<bool>() == true;
        var message = new JsonObject
        {
            ["from"] = NumberOf(sender),
            ["id"] = "wamid." + info["ID"]!.GetValue<string>(),
            ["timestamp"] = SecondsText(info["Timestamp"]!.GetValue<string>()),
        };
        if (chat.EndsWith("@g.us", StringComparison.Ordinal))
            message["group_id"] = NumberOf(chat);
        if (isFromMe)
            message["to"] = NumberOf(chat);
        if (said["conversation"] is { } text)
            (message["type"], message["text"]) = ("text", new JsonObject { ["body"] = text.DeepClone() });
        else
        {
            var image = said["imageMessage"]!.AsObject();
            message["type"] = "image";
            message["image"] = new JsonObject { ["id"] = "9" + Math.Abs(info["ID"]!.ToString().GetHashCode(StringComparison.Ordinal)), ["mime_type"] = Snapshot.MimeType, ["sha256"] = "AAA=", ["caption"] = image["caption"]?.DeepClone() };
        }

        if (isFromMe)
            return Change("smb_message_echoes", "message_echoes", message);
        var change = Change("messages", "messages", message);
        change["value"]!["contacts"] = new JsonArray(new JsonObject { ["profile"] = new JsonObject { ["name"] = Cast.NameOf(sender) }, ["wa_id"] = NumberOf(sender) });
        return change;
    }

    private JsonObject Status(JsonObject receipt, string state)
    {
        var status = new JsonObject
        {
            ["id"] = "wamid." + receipt["MessageIDs"]![0]!.GetValue<string>(),
            ["status"] = state == "Read" ? "read" : "delivered",
            ["timestamp"] = SecondsText(receipt["Timestamp"]!.GetValue<string>()),
            ["recipient_id"] = NumberOf(receipt["Sender"]!.GetValue<string>()),
        };
        return Change("messages", "statuses", status);
    }

    private JsonObject Group(JsonObject content, bool isAdd)
    {
        var people = new JsonArray([.. content[isAdd ? "Join" : "Leave"]!.AsArray().Select(one => new JsonObject { ["wa_id"] = NumberOf(one!.GetValue<string>()) })]);
        return Change("group_participants_update", "groups", new JsonObject
        {
            ["timestamp"] = SecondsText(content["Timestamp"]!.GetValue<string>()),
            ["group_id"] = NumberOf(content["JID"]!.GetValue<string>()),
            ["type"] = isAdd ? "group_participants_add" : "group_participants_remove",
            [isAdd ? "added_participants" : "removed_participants"] = people,
            ["initiated_by"] = "participant",
        });
    }

    // With a number of its own, so that two of the same kind are two.
    private static JsonObject Account(string name, DateTimeOffset now) => new()
    {
        ["field"] = "account_update",
        ["value"] = new JsonObject { ["event"] = name, ["phone_number"] = "+" + Business, ["simulated_at"] = Rfc3339.ToText(now) },
    };

    private JsonObject Change(string field, string list, JsonObject element) => new()
    {
        ["field"] = field,
        ["value"] = new JsonObject
        {
            ["messaging_product"] = "whatsapp",
            ["metadata"] = new JsonObject { ["display_phone_number"] = Business, ["phone_number_id"] = phoneNumberId },
            [list] = new JsonArray(element),
        },
    };

    private static string NumberOf(string jid) => jid.Split('@')[0];

    private static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds();

    private static string SecondsText(string time) =>
        (Rfc3339.TryParse(time, out var parsed) ? Seconds(parsed) : 0).ToString(CultureInfo.InvariantCulture);
}
