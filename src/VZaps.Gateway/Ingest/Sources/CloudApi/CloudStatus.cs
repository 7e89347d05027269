using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>What became of a message that the business sent.</summary>
internal static class CloudStatus
{
    public static void Map(CloudChange change, JsonElement status)
    {
        if (status.ValueKind != JsonValueKind.Object)
        {
            change.Keep("A status is no object.", "statuses", status);
            return;
        }

        if (status.Text("status") is not { } name)
        {
            change.Keep("A status has no 'status'.", "statuses", status);
            return;
        }

        if (StateOf(name) is not { } state)
        {
            change.Count("status." + name);
            return;
        }

        var participant = status.Text("recipient_participant_id") ?? status.Text("participant_recipient_id");
        var participantUserId = status.Text("recipient_participant_user_id") ?? status.Text("participant_recipient_user_id");
        // Who names a participant means a group, said or not.
        var isGroup = status.Text("recipient_type") == "group" || (participant ?? participantUserId) is not null;
        var recipient = isGroup ? change.AddressOf(participant, participantUserId) : change.AddressOf(status.Text("recipient_id"), status.Text("recipient_user_id"));
        var chat = isGroup && status.Text("recipient_id") is { } group ? WhatsAppAddress.OfGroup(group) : recipient;
        if (status.Text("id") is not { } id || chat is null)
        {
            change.Keep(chat is null ? "A status has no recipient." : "A status has no 'id'.", "statuses", status);
            return;
        }

        var own = SourceTime.OfUnix(status.Number("timestamp"));
        change.Add(new MappedEvent(
            EventType.ReadReceipt,
            EventData.Write(
                EventType.ReadReceipt,
                data => WriteEvent(data, status, id, (chat, recipient ?? "", isGroup), state.Type, own ?? change.ReceivedAt),
                data =>
                {
                    data.Text("state", state.Name);
                    if (status.Get("errors") is { ValueKind: JsonValueKind.Array })
                        data.CopyObjects("errors", status.Items("errors"));
                }),
            SourceTime.CreatedAt(own, change.ReceivedAt),
            SourceKey.Of(
                CloudChange.Source, change.PhoneNumberId, "s", id, state.KeyName,
                participant ?? participantUserId ?? status.Text("recipient_user_id") ?? status.Text("recipient_id")))
        {
            FailedReceiptKind = name == "failed" ? "status.failed" : null,
        });
    }

    private static void WriteEvent(DataWriter data, JsonElement status, string id, (string Chat, string Sender, bool IsGroup) place, string type, DateTimeOffset time)
    {
        data.Text("Chat", place.Chat);
        data.Text("Sender", place.Sender);
        data.Flag("IsFromMe", false);
        data.Flag("IsGroup", place.IsGroup);
        data.OpenList("MessageIDs");
        data.Item(id);
        data.CloseList();
        data.Text("Timestamp", Rfc3339.ToText(time));
        data.Text("Type", type);
        data.Text("Source", CloudChange.Source);
        data.Original(status);
    }

    private static (string Name, string Type, string KeyName)? StateOf(string status) => status switch
    {
        "delivered" => ("Delivered", "", "delivered"),
        "read" => ("Read", "read", "read"),
        // A voice note that is played was read: under the key of 'read' it is an event only where no 'read' came.
        "played" => ("Read", "read", "read"),
        "failed" => ("Failed", "failed", "failed"),
        _ => null,
    };
}
