using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Protocol.Http;

namespace VZaps.Gateway.Accounts;

/// <summary><c>POST /token</c>: an account's secret for an access token.</summary>
internal static class TokenRoutes
{
    public static void MapTokenRoutes(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/token", ExchangeAsync)
            .WithTags("Accounts")
            .WithSummary("Exchanges an account's client token and secret for an access token.")
            .AcceptsBody<TokenRequest>()
            .Produces<TokenAnswer>()
            .ProducesProblems(400, 401, 429);

    private static async Task<IResult> ExchangeAsync(
        HttpContext context, AccountDirectory accounts, AccessTokens tokens, FailedTokens failures, IOptions<LimitsOptions> limits)
    {
        var request = await WireJson.ReadAsync<TokenRequest>(context, context.RequestAborted);
        if (string.IsNullOrEmpty(request.ClientToken) || string.IsNullOrEmpty(request.ClientSecret))
            throw HttpProblems.InvalidBody("The body needs both 'client_token' and 'client_secret'.").ToException();
        var address = context.Connection.RemoteIpAddress;
        if (failures.IsBlocked(address, out var retryAfter))
            throw AccountProblems.TooManyFailedTokens(limits.Value.FailedTokensPerMinute, retryAfter).ToException();
        if (accounts.TryGetBySecret(request.ClientToken, request.ClientSecret) is not { } account)
        {
            failures.Count(address);
            throw AccountProblems.InvalidClient.ToException();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Answers.Bare(new TokenAnswer
        {
            AccessToken = tokens.Issue(account),
            TokenType = "Bearer",
            ExpiresIn = (int)tokens.Lifetime.TotalSeconds,
        });
    }
}
