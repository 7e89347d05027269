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
        var address = document.RootElement.Text("type") switch
        {
            "Message" when content.GetObject("Info") is { } info && info.Flag("IsFromMe") => info.Text("Sender"),
            "PairSuccess" => content.Text("ID"),
            "Connected" => content.Text("JID"),
            _ => null,
        };
        return address is null ? null : WhatsAppAddress.PhoneOf(address);
    }
}
