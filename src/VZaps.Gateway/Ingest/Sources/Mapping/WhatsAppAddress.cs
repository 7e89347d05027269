namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Addresses in WhatsApp's own form.</summary>
internal static class WhatsAppAddress
{
    public static string OfPhone(string phone) => DigitsOf(phone) + "@s.whatsapp.net";

    public static string OfUserId(string userId) => userId + "@bsuid";

    public static string OfGroup(string groupId) => groupId.Contains('@', StringComparison.Ordinal) ? groupId : groupId + "@g.us";

    /// <summary>The phone where it is known, else the user's id; null where neither is.</summary>
    public static string? Of(string? phone, string? userId) =>
        phone is not null && DigitsOf(phone).Length > 0 ? OfPhone(phone) : userId is not null ? OfUserId(userId) : null;

    /// <summary>A phone number as people write it, or another id.</summary>
    public static string OfPhoneOrId(string input) =>
        input.All(character => char.IsAsciiDigit(character) || character is '+' or ' ' or '-' or '(' or ')') && DigitsOf(input).Length > 0 ? OfPhone(input) : OfUserId(input);

    public static string DigitsOf(string phone) => string.Concat(phone.Where(char.IsAsciiDigit));

    /// <summary>The address without the number of a device.</summary>
    public static string WithoutDevice(string address)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var colon = at < 0 ? -1 : address.IndexOf(':', 0, at);
        return colon < 0 ? address : string.Concat(address.AsSpan(0, colon), address.AsSpan(at));
    }

    /// <summary>The digits of a phone's address; null where it is no phone's.</summary>
    public static string? PhoneOf(string address) =>
        WithoutDevice(address) is var plain && plain.EndsWith("@s.whatsapp.net", StringComparison.Ordinal) && DigitsOf(plain[..plain.IndexOf('@', StringComparison.Ordinal)]) is { Length: > 0 } digits
            ? digits
            : null;
}
