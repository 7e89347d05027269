namespace VZaps.Client.Auth;

/// <summary>An access token and when to fetch the next one. A class without generated text, so that it cannot be printed by accident.</summary>
internal sealed class AccessToken(string value, DateTimeOffset renewAt)
{
    public string Value => value;

    public bool IsStale(DateTimeOffset now) => now >= renewAt;

    /// <summary>
    /// Renewed before it ends, so that it does not end on the way to the server: a minute before, or after nine tenths of a
    /// life too short for that.
    /// </summary>
    public static DateTimeOffset RenewalTime(DateTimeOffset now, TimeSpan lifetime)
    {
        var margin = TimeSpan.FromMinutes(1);
        return now + (lifetime > margin * 10 ? lifetime - margin : lifetime * 0.9);
    }
}
