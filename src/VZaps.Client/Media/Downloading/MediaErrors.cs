using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>From the answer to a link to what it means.</summary>
internal static class MediaErrors
{
    private const string ExpiredCode = "media_link_expired", NotFoundCode = "media_not_found", GoneCode = "media_gone", NotRetainedCode = "event_not_retained";

    /// <summary>The request as error texts name it: without the query, which is the credential, and without a user's name and password.</summary>
    public static string NameOf(Uri url) => $"GET {url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}";

    public static Exception From(Refusal refusal, MediaTrail trail)
    {
        var secrets = trail.Secrets;
        var text = $"{trail.Name} was refused with {refusal.CodedExplanation(secrets)}";
        return refusal.Status switch
        {
            424 => Problem(MediaProblem.NotFetched),
            401 or 403 => Problem(refusal.Error?.Error == ExpiredCode ? MediaProblem.LinkExpired : MediaProblem.LinkRefused),
            404 or 410 => Problem(MediaProblem.Gone),
            408 or 425 or 429 or >= 500 => new MediaInterruptedException(Api(), refusal.RetryAfter),
            _ => Api(),
        };

        VZapsMediaException Problem(MediaProblem problem) => new(problem, text) { ErrorCode = refusal.Error?.Error, IsGoneForGood = IsForGood(refusal.Status, refusal.Error?.Error) };
        VZapsException Api() => ApiErrors.From(refusal, trail.Name, secrets);
    }

    /// <summary>What it means that the gateway gives no new link.</summary>
    /// <param name="refused">Why it was asked for one.</param>
    /// <param name="none">Why it gave none.</param>
    public static VZapsMediaException NotRenewed(VZapsMediaException refused, VZapsApiException none)
    {
        var isGone = none.ErrorCode is NotFoundCode or GoneCode or NotRetainedCode;
        return new VZapsMediaException(isGone ? MediaProblem.Gone : refused.Problem, $"{refused.Message} A new link could not be had: {none.Message}", none)
        {
            ErrorCode = isGone ? none.ErrorCode : refused.ErrorCode,
            IsGoneForGood = IsForGood(none.StatusCode, none.ErrorCode),
        };
    }

    // Any proxy may answer 404.
    private static bool IsForGood(int status, string? code) => status == 410 || code == NotFoundCode;
}
