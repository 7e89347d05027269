using VZaps.Gateway.Http;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>URLs that files are fetched from. Pure.</summary>
internal static class FetchUrl
{
    /// <summary>Characters of one, redirects included. A link that a bucket presigned with the token of a session has 2 to 4 thousand; the URL of a webhook has a
    /// limit of its own (<see cref="OutboundUrl.MaxLength"/>).</summary>
    public const int MaxLength = 8_192;

    /// <summary>Reads a URL that somebody gave, in its plain form.</summary>
    /// <exception cref="MediaFailedException">It is none that may be called.</exception>
    public static Uri Parse(string given)
    {
        try
        {
            // In its plain form, in which it is kept, it may be longer.
            if (OutboundUrl.Parse(given, MaxLength) is { AbsoluteUri.Length: <= MaxLength } url)
                return url;
        }
        catch (ProblemException)
        {
            // Its words are for webhooks.
        }

        throw MediaFailures.BadUrl($"It leads to what is no absolute http or https URL of at most {MaxLength} printable ASCII characters, without a user name and without a # part.").ToException();
    }

    /// <summary>As much of one as is kept for later: of one that is too long, so much that it is still too long.</summary>
    public static string Bounded(string given) => given.Trim() is var url && url.Length > MaxLength ? url[..(MaxLength + 1)] : url;
}
