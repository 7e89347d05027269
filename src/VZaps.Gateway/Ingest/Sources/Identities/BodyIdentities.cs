namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Who is who in one body: what it tells itself, and behind that what was known before it. One user.</summary>
/// <param name="known">What was known; null for nothing.</param>
internal sealed class BodyIdentities(SourceIdentities? known = null)
{
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>The phone of somebody, in digits; null where it is not known.</summary>
    public string? PhoneOf(string address) => _told.TryGetValue(address, out var phone) ? phone : known?.PhoneOf(address);

    /// <summary>The body tells somebody's id together with their phone; nothing where that is no phone.</summary>
    public void Learn(string address, string? phone)
    {
        if (WhatsAppAddress.NumberOf(phone) is { } digits)
            _told[address] = digits;
    }

    /// <summary>Remembers what the body told: it is genuine, and its events are durable.</summary>
    public void Keep(DateTimeOffset now)
    {
        foreach (var (address, phone) in _told)
            known?.Learn(address, phone, now);
    }
}
