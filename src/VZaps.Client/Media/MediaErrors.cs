using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>From the answer to a link to what it means.</summary>
internal static class MediaErrors
{
    private const string ExpiredCode = "media_link_expired";

    /// <summary>The request as error texts name it: without the query, which is the credential.</summary>
    public static string NameOf(Uri url) => $"GET {url.GetLeftPart(UriPartial.Path)}";

    public static Exception From(Refusal refusal, Uri url)
    {
        var text = $"{NameOf(url)} was refused with {refusal.CodedExplanation(url.Query)}";
        return refusal.Status switch
        {
            424 => Problem(MediaProblem.NotFetched),
            401 or 403 => Problem(refusal.Error?.Error == ExpiredCode ? MediaProblem.LinkExpired : MediaProblem.LinkRefused),
            404 or 410 => Problem(MediaProblem.Gone),
            416 => Problem(MediaProblem.Changed),
            429 => new MediaInterruptedException(Api(), refusal.RetryAfter),
            >= 500 => new MediaInterruptedException(Api(), refusal.RetryAfter),
            _ => Api(),
        };

        VZapsMediaException Problem(MediaProblem problem) => new(problem, text) { ErrorCode = refusal.Error?.Error };
        VZapsException Api() => ApiErrors.From(refusal, NameOf(url), url.Query);
    }
}
