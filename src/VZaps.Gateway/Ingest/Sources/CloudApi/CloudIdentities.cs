namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Who is who in one body, for each number that is in it: a business's user ids are its own. One user.</summary>
/// <param name="knownOf">What is known of the people of a number, by its id; null for nothing.</param>
internal sealed class CloudIdentities(Func<string, SourceIdentities?> knownOf)
{
    private readonly Dictionary<string, BodyIdentities> _byNumber = new(StringComparer.Ordinal);

    /// <summary>Those of a number.</summary>
    public BodyIdentities Of(string? phoneNumberId)
    {
        if (phoneNumberId is null)
            return new BodyIdentities();
        if (!_byNumber.TryGetValue(phoneNumberId, out var identities))
            _byNumber[phoneNumberId] = identities = new BodyIdentities(knownOf(phoneNumberId));
        return identities;
    }

    /// <summary>Remembers what the body told.</summary>
    public void Keep(DateTimeOffset now)
    {
        foreach (var identities in _byNumber.Values)
            identities.Keep(now);
    }
}
