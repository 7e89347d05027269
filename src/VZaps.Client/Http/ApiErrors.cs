namespace VZaps.Client.Http;

/// <summary>From a refusal to the exception that says what to do about it.</summary>
internal static class ApiErrors
{
    public static VZapsException From(Refusal refusal, string name, params ReadOnlySpan<string?> secrets)
    {
        var text = $"{name} was refused with {refusal.Explanation(secrets)}";
        return refusal.Status switch
        {
            401 => new VZapsAuthenticationException(text) { ErrorCode = refusal.Error?.Error },
            429 => new VZapsRateLimitException(text) { RetryAfter = refusal.RetryAfter, ErrorCode = refusal.Error?.Error },
            _ => new VZapsApiException(text)
            {
                StatusCode = refusal.Status,
                ErrorCode = refusal.Error?.Error,
                Index = refusal.Error?.Index,
                RetryAfter = refusal.RetryAfter,
            },
        };
    }
}
