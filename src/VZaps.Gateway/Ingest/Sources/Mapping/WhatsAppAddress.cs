namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Addresses in WhatsApp's own form.</summary>
internal static class WhatsAppAddress
{
    public const string PhoneServer = "@s.whatsapp.net";

    public static string OfPhone(string phone) => DigitsOf(phone) + PhoneServer;

    public static string OfUserId(string userId) => userId + "@bsuid";

    public static string OfGroup(string groupId) => groupId.Contains('@', StringComparison.Ordinal) ? groupId : groupId + "@g.us";

    /// <summary>The phone where it is known, else the user's id; null where neither is.</summary>
    public static string? Of(string? phone, string? userId) =>
        phone is not null && DigitsOf(phone).Length > 0 ? OfPhone(phone) : userId is not null ? OfUserId(userId) : null;

    /// <summary>A phone number as people write it, or another id.</summary>
    public static string OfPhoneOrId(string input) => IsPhone(input) ? OfPhone(input) : OfUserId(input);

    /// <summary>Whether this is a phone number as people write it.</summary>
    public static bool IsPhone(string input) =>
        input.All(character => char.IsAsciiDigit(character) || character is '+' or ' ' or '-' or '(' or ')') && DigitsOf(input).Length > 0;

    /// <summary>The digits of a phone number, 4 to 20 of them; null for what cannot be one.</summary>
    public static string? NumberOf(string? phone) => phone is not null && DigitsOf(phone) is { Length: >= 4 and <= 20 } digits ? digits : null;

    public static string DigitsOf(string phone) => string.Concat(phone.Where(char.IsAsciiDigit));

    /// <summary>Whether this is an address that hides the phone.</summary>
    public static bool IsHidden(string address) => address.EndsWith("@lid", StringComparison.Ordinal);

    /// <summary>The address without the number of a device.</summary>
    public static string WithoutDevice(string address) => DeviceOf(address) is { Length: > 0 } device
        ? address.Remove(address.IndexOf(':', StringComparison.Ordinal), device.Length)
        : address;

    /// <summary>The number of a device, with its colon; empty where there is none.</summary>
    public static string DeviceOf(string address)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var colon = at < 0 ? -1 : address.IndexOf(':', 0, at);
        return colon < 0 ? "" : address[colon..at];
    }

    /// <summary>The digits of a phone's address; null where it is no phone's.</summary>
    public static string? PhoneOf(string address) =>
        WithoutDevice(address) is var plain && plain.EndsWith(PhoneServer, StringComparison.Ordinal) && DigitsOf(plain[..plain.IndexOf('@', StringComparison.Ordinal)]) is { Length: > 0 } digits
            ? digits
            : null;
}
