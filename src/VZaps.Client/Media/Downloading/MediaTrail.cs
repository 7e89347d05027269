namespace VZaps.Client.Media;

/// <summary>The addresses that one request was led over, for error texts: named without their secrets, which no answer's words may bring in either.</summary>
internal sealed class MediaTrail(Uri link)
{
    /// <summary>What is shorter is no secret, and would be taken out of innocent words.</summary>
    private const int ShortestSecret = 8;
    private readonly List<Uri> _places = [link];

    /// <summary>Where it is now.</summary>
    public Uri Place => _places[^1];

    public int Redirects => _places.Count - 1;

    /// <summary>The request as error texts name it.</summary>
    public string Name => MediaErrors.NameOf(Place);

    /// <summary>The queries, which are credentials, and their longer values, as they stand there and decoded; the longest first.</summary>
    public string[] Secrets => [.. _places.SelectMany(SecretsOf).Where(secret => secret.Length >= ShortestSecret).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];

    public void Add(Uri place) => _places.Add(place);

    private static IEnumerable<string> SecretsOf(Uri place)
    {
        yield return place.Query;
        foreach (var pair in place.Query.TrimStart('?').Split('&'))
        {
            var value = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
            yield return value;
            yield return Uri.UnescapeDataString(value);
            yield return Uri.UnescapeDataString(value.Replace('+', ' '));
        }
    }
}
