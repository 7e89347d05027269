using System.Text;
using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Contacts that were shared, as vCards.</summary>
internal static class CloudContactCard
{
    // In the order of a vCard's N.
    private static readonly string[] NameParts = ["last_name", "first_name", "middle_name", "prefix", "suffix"];

    public static void Write(DataWriter data, JsonElement contacts)
    {
        var cards = contacts.ValueKind == JsonValueKind.Array ? contacts.EnumerateArray().Where(card => card.ValueKind == JsonValueKind.Object).ToList() : [];
        if (cards.Count == 0)
            return;
        if (cards.Count == 1)
        {
            data.Open("contactMessage");
            WriteCard(data, cards[0]);
            data.Close();
            return;
        }

        data.Open("contactsArrayMessage");
        data.OpenList("contacts");
        foreach (var card in cards)
        {
            if (data.IsSpent)
                break;
            data.Open();
            WriteCard(data, card);
            data.Close();
        }

        data.CloseList();
        data.Close();
    }

    private static void WriteCard(DataWriter data, JsonElement card)
    {
        var name = card.GetObject("name") ?? default;
        data.Text("displayName", NameOf(name));
        data.Text("vcard", VCardOf(card, name));
    }

    private static string NameOf(JsonElement name) => name.Text("formatted_name") ?? name.Text("first_name") ?? "";

    private static string VCardOf(JsonElement card, JsonElement name)
    {
        var text = new StringBuilder("BEGIN:VCARD\nVERSION:3.0\nN:");
        text.AppendJoin(';', NameParts.Select(part => Escaped(name.Text(part) ?? "")));
        text.Append("\nFN:").Append(Escaped(NameOf(name)));
        foreach (var phone in card.Items("phones"))
        {
            if ((phone.Text("phone") ?? phone.Text("wa_id")) is not { } number)
                continue;
            text.Append("\nTEL");
            if (phone.Text("type") is { } type)
                text.Append(";type=").Append(Escaped(type));
            if (phone.Text("wa_id") is { } id)
                text.Append(";waid=").Append(Escaped(id));
            text.Append(':').Append(Escaped(number));
        }

        return text.Append("\nEND:VCARD").ToString();
    }

    private static string Escaped(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal)
        .Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
