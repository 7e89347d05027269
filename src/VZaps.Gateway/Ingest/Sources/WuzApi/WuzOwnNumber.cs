namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>The account's own number, which wuzapi tells by the way.</summary>
internal static class WuzOwnNumber
{
    /// <summary>Its digits; null where this body does not tell.</summary>
    public static string? Of(ReadOnlyMemory<byte> json)
    {
        using var document = LenientJson.TryParse(json, out _);
        if (document?.RootElement.GetObject("event") is not { } content)
            return null;
        return document.RootElement.Text("type") switch
        {
            "Message" when content.GetObject("Info") is { } info && info.Flag("IsFromMe") => PhoneOf(info.Text("Sender")) ?? PhoneOf(info.Text("SenderAlt")),
            "PairSuccess" => PhoneOf(content.Text("ID")),
            "Connected" => PhoneOf(content.Text("JID")),
            _ => null,
        };
    }

    private static string? PhoneOf(string? address) => address is null ? null : WhatsAppAddress.PhoneOf(address);
}
