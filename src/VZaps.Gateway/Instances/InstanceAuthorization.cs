using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Instances;

/// <summary>Who a realtime connection belongs to.</summary>
/// <param name="Account">The owner, with the version of the secret that held at the check.</param>
/// <param name="Instance">The instance, with the version of the token that held at the check.</param>
/// <param name="ByAccessToken">Whether an access token was presented, so that a new client secret ends the connection.</param>
internal readonly record struct RealtimeAccess(Account Account, Instance Instance, bool ByAccessToken);

/// <summary>Decides what a request may do by the credentials it presents. Every one that is presented has to be valid and of
/// one owner, also where fewer would do. Thread-safe.</summary>
internal sealed class InstanceAuthorization(AccountDirectory accounts, AccessTokens accessTokens, InstanceDirectory instances)
{
    /// <summary>The account of a request to an account route: an access token is required.</summary>
    /// <exception cref="ProblemException">401.</exception>
    public async ValueTask<Account> AuthorizeAccountAsync(HttpContext context)
    {
        var credentials = RequestCredentials.OfHeaders(context);
        var account = await RequireAccountAsync(credentials);
        if (credentials.InstanceToken is { } token
            && !instances.All.Any(instance => instance.Owner == account.ClientToken && InstanceDirectory.MatchesToken(instance, token)))
            throw InstanceProblems.InvalidToken.ToException();
        return account;
    }

    /// <summary>An instance for its owner alone: an access token is required.</summary>
    /// <exception cref="ProblemException">400, 401 or 404.</exception>
    public async ValueTask<Instance> AuthorizeOwnerAsync(HttpContext context, string instanceId)
    {
        var id = ParseId(instanceId);
        var credentials = RequestCredentials.OfHeaders(context);
        return CheckInstance(id, await RequireAccountAsync(credentials), credentials);
    }

    /// <summary>An instance for a request to one of its routes: the owner's access token, or the instance token together
    /// with the owner's client token.</summary>
    /// <exception cref="ProblemException">400, 401 or 404.</exception>
    public async ValueTask<Instance> AuthorizeInstanceAsync(HttpContext context, string instanceId)
    {
        var id = ParseId(instanceId);
        var credentials = RequestCredentials.OfHeaders(context);
        var account = await FindAccountAsync(credentials) ?? throw InstanceProblems.CredentialMissing.ToException();
        var instance = CheckInstance(id, account, credentials);
        return credentials.AccessToken is null && credentials.InstanceToken is null
            ? throw InstanceProblems.TokenMissing.ToException()
            : instance;
    }

    /// <summary>An instance for a realtime connection: the instance token together with an access token or a client token,
    /// each in a header or in the query.</summary>
    /// <exception cref="ProblemException">401 or 404.</exception>
    public async ValueTask<RealtimeAccess> AuthorizeRealtimeAsync(HttpContext context, InstanceId id)
    {
        var credentials = RequestCredentials.OfHeadersAndQuery(context);
        var account = await FindAccountAsync(credentials) ?? throw InstanceProblems.CredentialMissing.ToException();
        var instance = CheckInstance(id, account, credentials);
        return credentials.InstanceToken is null
            ? throw InstanceProblems.TokenMissing.ToException()
            : new RealtimeAccess(account, instance, ByAccessToken: credentials.AccessToken is not null);
    }

    /// <summary>Whether the account is still in the table, whatever the memory says.</summary>
    public async Task<bool> StillExistsAsync(Account account, CancellationToken cancellationToken)
    {
        await accounts.RefreshAsync(cancellationToken);
        return accounts.TryGet(account.ClientToken, out _);
    }

    private static InstanceId ParseId(string text) =>
        InstanceId.TryParse(text, out var id) ? id : throw InstanceProblems.InvalidId.ToException();

    private Instance CheckInstance(InstanceId id, Account account, RequestCredentials credentials)
    {
        // One of another owner is refused as if it were not there: ids tell nothing to those who do not own them.
        if (!instances.TryGet(id, out var instance) || instance.Owner != account.ClientToken)
            throw InstanceProblems.NotFound(id).ToException();
        if (credentials.InstanceToken is { } token && !InstanceDirectory.MatchesToken(instance, token))
            throw InstanceProblems.InvalidToken.ToException();
        return instance;
    }

    private async ValueTask<Account> RequireAccountAsync(RequestCredentials credentials)
    {
        var account = await FindAccountAsync(credentials);
        return account is null || credentials.AccessToken is null ? throw AccountProblems.AccessTokenMissing.ToException() : account;
    }

    /// <summary>The account of the access token and the client token, whichever are presented; null where neither is.</summary>
    private async ValueTask<Account?> FindAccountAsync(RequestCredentials credentials)
    {
        if (credentials.HasUnusableAuthorization)
            throw AccountProblems.UnusableAuthorization.ToException();
        Account? byAccessToken = null, byClientToken = null;
        if (credentials.AccessToken is { } accessToken)
            byAccessToken = await accessTokens.ValidateAsync(accessToken) ?? throw AccountProblems.InvalidAccessToken.ToException();
        if (credentials.ClientToken is { } clientToken && !accounts.TryGet(clientToken, out byClientToken))
            throw AccountProblems.UnknownClientToken(clientToken).ToException();
        if (byAccessToken is not null && byClientToken is not null && byAccessToken.ClientToken != byClientToken.ClientToken)
            throw AccountProblems.CredentialsDiffer.ToException();
        return byAccessToken ?? byClientToken;
    }
}
