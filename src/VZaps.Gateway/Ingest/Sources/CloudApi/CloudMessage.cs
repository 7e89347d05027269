using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>One message, of a customer or as an echo of what the business sent from its phone.</summary>
internal static class CloudMessage
{
    public static void Map(CloudChange change, JsonElement message, string list)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            change.Keep("A message is no object.", list, message);
            return;
        }

        if (message.Text("type") == "system")
        {
            LearnFrom(change, message);
            change.Count("message.system");
            return;
        }

        if (message.Text("id") is not { } id)
        {
            change.Keep("A message has no 'id'.", list, message);
            return;
        }

        var isEcho = list == "message_echoes";
        if (AuthorOf(change, message, isEcho) is not { } author)
        {
            change.Keep(isEcho ? "A message has neither 'to' nor 'to_user_id'." : "A message has neither 'from' nor 'from_user_id'.", list, message);
            return;
        }

        var own = SourceTime.OfUnix(message.Number("timestamp"));
        var time = own ?? change.ReceivedAt;
        change.Add(new MappedEvent(
            EventType.Message,
            EventData.Write(EventType.Message, data =>
            {
                WriteInfo(data, message, id, author, isEcho, time);
                data.Open("Message");
                CloudContent.Write(data, message);
                data.Close();
                data.Text("Source", CloudChange.Source);
                data.Original(message);
            }),
            SourceTime.CreatedAt(own, change.ReceivedAt),
            SourceKey.Of(CloudChange.Source, change.PhoneNumberId, "m", id)) { Media = CloudContent.MediaOf(message) });
    }

    private static void WriteInfo(DataWriter data, JsonElement message, string id, Author author, bool isEcho, DateTimeOffset time)
    {
        var (type, mediaType) = CloudContent.KindOf(message);
        data.Open("Info");
        data.Text("Chat", author.Chat);
        data.Text("Sender", author.Sender);
        data.Text("SenderAlt", author.SenderAlt);
        data.Flag("IsFromMe", isEcho);
        data.Flag("IsGroup", author.IsGroup);
        data.Text("ID", id);
        data.Text("Type", type);
        data.Text("MediaType", mediaType);
        data.Text("PushName", author.PushName);
        data.Text("Timestamp", Rfc3339.ToText(time));
        data.Close();
    }

    /// <summary>Somebody changed the phone, or was given another id: it is the same person from now on.</summary>
    private static void LearnFrom(CloudChange change, JsonElement message)
    {
        var system = message.GetObject("system") ?? default;
        var (oldId, newId) = (message.Text("from_user_id"), system.Text("user_id"));
        var phone = system.Text("wa_id");
        if (phone is null && system.Text("type") == "user_changed_user_id")
            phone = message.Text("from") ?? (oldId is null ? null : change.Identities.PhoneOf(WhatsAppAddress.OfUserId(oldId)));
        foreach (var id in (ReadOnlySpan<string?>)[oldId, newId])
        {
            if (id is not null)
                change.Identities.Learn(WhatsAppAddress.OfUserId(id), phone);
        }
    }

    /// <summary>Who wrote it and where; null where neither side is known.</summary>
    private static Author? AuthorOf(CloudChange change, JsonElement message, bool isEcho)
    {
        var (phone, userId) = isEcho ? (message.Text("to"), message.Text("to_user_id")) : (message.Text("from"), message.Text("from_user_id"));
        var contact = change.ContactOf(phone, userId);
        // The phone may stand in the contact alone; the other way round, too.
        phone ??= contact.Text("wa_id");
        userId ??= contact.Text("user_id");
        if (change.AddressOf(phone, userId) is not { } customer)
            return null;
        var group = message.Text("group_id");
        var chat = group is null ? customer : WhatsAppAddress.OfGroup(group);
        if (isEcho)
            return new Author(chat, WhatsAppAddress.Of(message.Text("from") ?? change.BusinessPhone, null) ?? "", "", "", group is not null);
        var other = userId is not null && WhatsAppAddress.OfUserId(userId) is var byId && byId != customer ? byId : "";
        return new Author(chat, customer, other, contact.GetObject("profile")?.Text("name") ?? "", group is not null);
    }

    private readonly record struct Author(string Chat, string Sender, string SenderAlt, string PushName, bool IsGroup);
}
