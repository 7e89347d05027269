namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>What happens to a whole account, and with it to its numbers.</summary>
internal static class CloudAccountUpdate
{
    public static void Map(CloudChange change)
    {
        var value = change.Value;
        if (value.Text("event") is not { } name)
        {
            change.Keep("An account_update has no 'event'.");
            return;
        }

        var ban = value.GetObject("ban_info")?.Text("waba_ban_state");
        if (IsConnected(name, ban) is not { } isConnected)
        {
            change.Count("account_update." + name);
            return;
        }

        // The entry of a partner's event may be of the business portfolio.
        var waba = value.GetObject("waba_info")?.Text("waba_id") ?? change.Waba;
        if (waba is null)
        {
            change.Keep("An account_update names no account.");
            return;
        }

        var phone = value.Text("display_phone_number") ?? value.Text("phone_number");
        var type = isConnected ? EventType.Connected : EventType.Disconnected;
        var reason = isConnected ? null : value.GetObject("disconnection_info")?.Text("reason") ?? ban ?? name;
        change.AddFor(
            new SourceTarget(null, waba, phone is null ? null : WhatsAppAddress.DigitsOf(phone)),
            new MappedEvent(
                type,
                EventData.Write(type, data =>
                {
                    data.Text("Reason", reason);
                    data.Text("Source", CloudChange.Source);
                    data.Original(value);
                }),
                SourceTime.CreatedAt(SourceTime.OfUnix(change.EntryTime), change.ReceivedAt),
                SourceKey.Of(CloudChange.Source, waba, "a", name, change.EntryTime?.ToString(System.Globalization.CultureInfo.InvariantCulture), SourceKey.HashOf(value))));
    }

    private static bool? IsConnected(string name, string? ban) => (name, ban) switch
    {
        ("ACCOUNT_RECONNECTED" or "PARTNER_ADDED" or "PARTNER_APP_INSTALLED", _) or ("DISABLED_UPDATE", "REINSTATE") => true,
        ("PARTNER_REMOVED" or "PARTNER_APP_UNINSTALLED" or "ACCOUNT_OFFBOARDED" or "ACCOUNT_DELETED", _) or ("DISABLED_UPDATE", "DISABLE") => false,
        _ => null,
    };
}
