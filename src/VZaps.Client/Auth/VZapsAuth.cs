using VZaps.Client.Auth;

namespace VZaps;

/// <summary>The account's access token. Calls and subscriptions take care of it themselves; this is for calls that you make on your own.</summary>
/// <remarks>Thread-safe. However many ask at once, one request goes out.</remarks>
public sealed class VZapsAuth
{
    private readonly TokenSource _tokens;

    internal VZapsAuth(TokenSource tokens) => _tokens = tokens;

    /// <summary>The access token for <c>Authorization: Bearer</c>, good for at least some time: kept, and renewed before it ends.</summary>
    /// <exception cref="VZapsAuthenticationException">The client token or secret was refused.</exception>
    /// <exception cref="VZapsException">No token could be obtained; the type says why.</exception>
    public async Task<string> GetAccessTokenAsync(CancellationToken cancellationToken = default) =>
        (await _tokens.GetAsync(cancellationToken).ConfigureAwait(false)).Value;

    /// <summary>Fetches a new access token, whatever the age of the one at hand.</summary>
    /// <exception cref="VZapsAuthenticationException">The client token or secret was refused.</exception>
    /// <exception cref="VZapsException">No token could be obtained; the type says why.</exception>
    public async Task<string> RenewAccessTokenAsync(CancellationToken cancellationToken = default) =>
        (await _tokens.RenewAsync(cancellationToken).ConfigureAwait(false)).Value;
}
