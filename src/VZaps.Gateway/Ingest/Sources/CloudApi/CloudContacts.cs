using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Contacts of the business's phone: a history of names, without chats.</summary>
internal static class CloudContacts
{
    private const int PushNames = 4; // the kind of history that is names

    public static void Map(CloudChange change)
    {
        if (change.Value.Get("state_sync") is not { ValueKind: JsonValueKind.Array } list)
        {
            change.Keep("'state_sync' is no list.");
            return;
        }

        if (change.PhoneNumberId is null)
        {
            change.Keep("'metadata.phone_number_id' is missing.");
            return;
        }

        var names = new List<ReadOnlyMemory<byte>>();
        foreach (var item in list.EnumerateArray())
        {
            var contact = item.GetObject("contact") ?? default;
            if (change.AddressOf(contact.Text("phone_number"), contact.Text("user_id")) is not { } address)
                change.Keep("A contact has no 'phone_number'.", "state_sync", item);
            else
                names.Add(NameOf(item, contact, address));
        }

        if (names.Count == 0)
            return;
        CloudHistory.Add(change, list, default, HistoryParts.Write(new History(data => data.Number("syncType", PushNames), [], names) { Source = CloudChange.Source }));
    }

    private static ReadOnlyMemory<byte> NameOf(JsonElement item, JsonElement contact, string address) => EventData.WritePart(HistoryParts.MaxItemBytes, (data, _) =>
    {
        data.Open();
        data.Text("ID", address);
        data.Text("pushname", contact.Text("full_name") ?? contact.Text("first_name"));
        data.Text("action", item.Text("action"));
        data.Close();
    });
}
