namespace VZaps.Client.Realtime;

/// <summary>
/// Which failures heal by themselves. One table for the handshake, the token before it, and the end of a connection:
/// <list type="table">
/// <listheader><term>what happened</term><description>try again?</description></listheader>
/// <item><term>no network, a cut, a time-out</term><description>yes</description></item>
/// <item><term>closed with 4001 (credential revoked) or 4004 (instance deleted)</term><description>no</description></item>
/// <item><term>closed with any other code, 1000 included: we did not ask for it</term><description>yes</description></item>
/// <item><term>refused with 401, after the access token was renewed once</term><description>no</description></item>
/// <item><term>refused with 408, 425, 429 or 5xx</term><description>yes, not before <c>Retry-After</c></description></item>
/// <item><term>refused with any other 4xx: the same request is wrong the next time too (400, 403, 404), or a proxy that does
/// not let WebSockets through stands in between (426)</term><description>no</description></item>
/// <item><term>answered with less than 400 and yet no WebSocket: a maintenance page, somebody else's
/// login page</term><description>yes</description></item>
/// </list>
/// </summary>
internal static class RetryTable
{
    public static bool IsTransient(VZapsException failure) => failure switch
    {
        VZapsAuthenticationException => false,
        VZapsRealtimeException { HandshakeStatus: { } status } => IsTransient(status),
        VZapsRealtimeException { CloseCode: { } code } => CloseCodes.MayReconnect(code),
        VZapsApiException { StatusCode: var status } => IsTransient(status),
        _ => true,
    };

    public static TimeSpan? RetryAfter(VZapsException failure) => failure switch
    {
        VZapsRateLimitException limit => limit.RetryAfter,
        VZapsRealtimeException refused => refused.RetryAfter,
        VZapsApiException refused => refused.RetryAfter,
        _ => null,
    };

    private static bool IsTransient(int status) => status is < 400 or >= 500 or 408 or 425 or 429;
}
