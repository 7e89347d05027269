using VZaps.Cli.Gateways;

namespace VZaps.Cli.Publish;

/// <summary>What a failed publish says about its events.</summary>
internal enum PublishOutcome
{
    /// <summary>Nothing was stored, and trying again does not help.</summary>
    Refused,

    /// <summary>Nothing was stored, and it may work later.</summary>
    NotNow,

    /// <summary>The answer was lost, or says that the gateway does not know: trying again is safe with idempotency keys alone.</summary>
    Unknown,
}

/// <summary>Tells the outcomes apart.</summary>
internal static class PublishOutcomes
{
    public static PublishOutcome Of(VZapsException failure) => failure switch
    {
        VZapsAuthenticationException => PublishOutcome.Refused,
        // No access token, so nothing was published, whatever became of the call for the token.
        NotSentException { InnerException: VZapsException cause } => Of(cause) == PublishOutcome.Refused ? PublishOutcome.Refused : PublishOutcome.NotNow,
        VZapsRateLimitException or VZapsApiException { StatusCode: 429 } => PublishOutcome.NotNow,
        // 'log_unavailable' is another matter: the write failed half-way.
        VZapsApiException { StatusCode: 503, ErrorCode: "log_full" or "log_unwritable" or "draining" } => PublishOutcome.NotNow,
        VZapsApiException { StatusCode: >= 300 and < 500 } => PublishOutcome.Refused,
        VZapsApiException => PublishOutcome.Unknown,
        { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } } => PublishOutcome.NotNow,
        _ => PublishOutcome.Unknown,
    };

    public static TimeSpan? RetryAfter(VZapsException failure) => failure switch
    {
        VZapsRateLimitException limited => limited.RetryAfter,
        VZapsApiException refused => refused.RetryAfter,
        NotSentException { InnerException: VZapsException cause } => RetryAfter(cause),
        _ => null,
    };
}
