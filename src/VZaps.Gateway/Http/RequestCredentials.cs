namespace VZaps.Gateway.Http;

/// <summary>The credentials that a request presented, unchecked. Empty headers and parameters count as absent.</summary>
internal sealed record RequestCredentials
{
    private const string BearerPrefix = "Bearer ";

    /// <summary>The JWT.</summary>
    public string? AccessToken { get; private init; }

    /// <summary>The account's public token.</summary>
    public string? ClientToken { get; private init; }

    /// <summary>The instance's secret.</summary>
    public string? InstanceToken { get; private init; }

    /// <summary>Whether there is an <c>Authorization</c> that is no bearer token: a credential that cannot be valid.</summary>
    public bool HasUnusableAuthorization { get; private init; }

    /// <summary>What the headers hold; the query is not looked at.</summary>
    public static RequestCredentials OfHeaders(HttpContext context) => Read(context, query: null);

    /// <summary>What the headers hold, and for what they do not hold the query: for the realtime endpoint alone.</summary>
    public static RequestCredentials OfHeadersAndQuery(HttpContext context) =>
        Read(context, context.Features.Get<QueryCredentials>());

    private static RequestCredentials Read(HttpContext context, QueryCredentials? query)
    {
        var headers = context.Request.Headers;
        var authorization = NullIfEmpty(headers.Authorization.ToString());
        var isBearer = authorization?.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) == true;
        return new RequestCredentials
        {
            AccessToken = authorization is null ? query?.Get(QueryCredentials.AccessToken)
                : isBearer ? NullIfEmpty(authorization[BearerPrefix.Length..].Trim()) : null,
            HasUnusableAuthorization = authorization is not null && !isBearer,
            ClientToken = NullIfEmpty(headers["X-Client-Token"].ToString()) ?? query?.Get(QueryCredentials.ClientToken),
            InstanceToken = NullIfEmpty(headers["X-Instance-Token"].ToString()) ?? query?.Get(QueryCredentials.InstanceToken),
        };
    }

    // A record would print what it holds.
    public override string ToString() => nameof(RequestCredentials);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
