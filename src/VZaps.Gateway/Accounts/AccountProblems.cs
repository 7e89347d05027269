using VZaps.Gateway.Http;

namespace VZaps.Gateway.Accounts;

/// <summary>Refusals that concern an account's credentials.</summary>
internal static class AccountProblems
{
    public static Problem InvalidClient { get; } = new(401, "invalid_client",
        "The client token and the client secret do not belong together, or there is no such account. List the accounts with 'gateway accounts list'.");

    public static Problem AccessTokenMissing { get; } = new(401, "credential_missing",
        "This route needs the account's access token: POST /token, then send 'Authorization: Bearer <access_token>'.");

    public static Problem UnusableAuthorization { get; } = new(401, "invalid_authorization",
        "The Authorization header is not of the form 'Bearer <access_token>'.");

    public static Problem InvalidAccessToken { get; } = new(401, "invalid_access_token",
        "The access token is not valid, has expired, or was voided by a new client secret. Get a new one from POST /token.");

    public static Problem UnknownClientToken(string given) => new(401, "invalid_client_token",
        $"The client token '{Account.Shorten(given)}' is not that of an account.");

    public static Problem CredentialsDiffer { get; } = new(401, "credentials_differ",
        "The access token and the client token belong to different accounts; send those of one account, or one of them.");

    public static Problem TooManyFailedTokens(int perMinute, TimeSpan retryAfter) => new(429, "too_many_failed_tokens",
        $"More than {perMinute} requests for a token failed from this address within a minute (Limits:FailedTokensPerMinute).") { RetryAfter = retryAfter };
}
