using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>
/// The members that say whose doing an event is and where, by the phone where that is known: the same chat comes with the phone one day and with a hidden id
/// (<c>…@lid</c>) the next. All else stays as it came.
/// </summary>
internal sealed class WuzPeople
{
    private readonly List<KeyValuePair<string, string>> _changed = [];

    /// <summary>Reads what whatsmeow calls the source of a message, or what a presence or a group has of it; learns who is who from it.</summary>
    public static WuzPeople Of(WuzUpdate update, JsonElement element)
    {
        var (people, identities) = (new WuzPeople(), update.Identities);
        var (chat, sender) = (element.Text("Chat"), element.Text("Sender"));
        Learn(identities, sender, element.Text("SenderAlt") ?? element.Text("SenderPN"));
        // Of what the account sent itself, the other end of a chat of two.
        var isToOther = element.Flag("IsFromMe") && !element.Flag("IsGroup");
        if (isToOther)
            Learn(identities, chat, element.Text("RecipientAlt"));
        people.Change(identities, "Chat", chat, isToOther ? "RecipientAlt" : null);
        people.Change(identities, "Sender", sender, "SenderAlt");
        people.Change(identities, "From", element.Text("From"), null);
        return people;
    }

    /// <summary>Remembers that two addresses are one person's.</summary>
    public static void Learn(BodyIdentities identities, string? one, string? other)
    {
        if (one is null || other is null)
            return;
        if (WhatsAppAddress.IsHidden(one))
            identities.Learn(WhatsAppAddress.WithoutDevice(one), WhatsAppAddress.PhoneOf(other));
        else if (WhatsAppAddress.IsHidden(other))
            identities.Learn(WhatsAppAddress.WithoutDevice(other), WhatsAppAddress.PhoneOf(one));
    }

    /// <summary>An address, by the phone where that is known.</summary>
    public static string AddressOf(BodyIdentities identities, string address) =>
        WhatsAppAddress.IsHidden(address) && identities.PhoneOf(WhatsAppAddress.WithoutDevice(address)) is { } phone ? phone + WhatsAppAddress.DeviceOf(address) + WhatsAppAddress.PhoneServer : address;

    /// <summary>Copies all members of the element but some.</summary>
    public void CopyMembers(DataWriter data, JsonElement element, params ReadOnlySpan<string> without)
    {
        foreach (var (name, address) in _changed)
            data.Text(name, address);
        data.CopyMembers(element, [.. without, .. _changed.Select(change => change.Key)]);
    }

    private void Change(BodyIdentities identities, string name, string? address, string? nameOfOther)
    {
        if (address is null || AddressOf(identities, address) is var found && found == address)
            return;
        _changed.Add(KeyValuePair.Create(name, found));
        if (nameOfOther is not null)
            _changed.Add(KeyValuePair.Create(nameOfOther, WhatsAppAddress.WithoutDevice(address)));
    }
}
