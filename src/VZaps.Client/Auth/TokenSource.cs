using System.Text.Json;
using VZaps.Client.Configuration;
using VZaps.Client.Http;
using VZaps.Protocol.Http;

namespace VZaps.Client.Auth;

/// <summary>The account's access token, from the server or from the user's callback: fetched when first asked for, kept while it is fresh, and fetched once however many ask at a time.</summary>
internal sealed class TokenSource(ClientSettings settings, ApiTransport transport) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private AccessToken? _current;
    private Task<AccessToken>? _fetch;

    /// <summary>A token that is not stale.</summary>
    public Task<AccessToken> GetAsync(CancellationToken cancellationToken) => GetOtherThanAsync(null, cancellationToken);

    /// <summary>A token other than the one that was refused. If somebody renewed it meanwhile, the token they got.</summary>
    public Task<AccessToken> RenewAsync(AccessToken refused, CancellationToken cancellationToken) => GetOtherThanAsync(refused, cancellationToken);

    /// <summary>A newly fetched token.</summary>
    public Task<AccessToken> RenewAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            _current = null;
        return GetAsync(cancellationToken);
    }

    // Cancelled and not disposed: a fetch under way still reads the token, and a second call is harmless.
    public void Dispose() => _disposed.Cancel();

    private Task<AccessToken> GetOtherThanAsync(AccessToken? refused, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, typeof(VZapsClient));
            if (_current is { } current && current != refused && !current.IsStale(settings.Time.GetUtcNow()))
                return Task.FromResult(current);
            // The fetch is nobody's own: who stops waiting does not take it from the others. RequestTimeout bounds it.
            _fetch ??= Task.Run(FetchAsync, CancellationToken.None);
            return _fetch.WaitAsync(cancellationToken);
        }
    }

    private async Task<AccessToken> FetchAsync()
    {
        try
        {
            var token = await RequestAsync(_disposed.Token).ConfigureAwait(false);
            lock (_gate)
                _current = token;
            return token;
        }
        finally
        {
            // A failure is not kept: who asks next tries again.
            lock (_gate)
                _fetch = null;
        }
    }

    private Task<AccessToken> RequestAsync(CancellationToken cancellationToken) =>
        settings.GetToken is { } getToken ? AskUserAsync(getToken, cancellationToken) : AskServerAsync(cancellationToken);

    private async Task<AccessToken> AskUserAsync(Func<CancellationToken, Task<string>> getToken, CancellationToken cancellationToken)
    {
        string? token;
        using var limit = new CancellationTokenSource(settings.RequestTimeout, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            token = await getToken(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new VZapsTimeoutException($"GetTokenAsync did not give a token within {settings.RequestTimeout} (RequestTimeout).", late);
        }
        catch (Exception thrown) when (thrown is not VZapsException && !cancellationToken.IsCancellationRequested)
        {
            throw new VZapsException($"GetTokenAsync threw: {thrown.Message}", thrown);
        }

        if (string.IsNullOrEmpty(token) || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new VZapsException("GetTokenAsync gave no access token: it is empty, or has a character that no token has (a space, a line break or one outside ASCII).");
        var now = settings.Time.GetUtcNow();
        return new AccessToken(token, JwtExpiry.Read(token) is { } end ? AccessToken.RenewalTime(now, end - now) : DateTimeOffset.MaxValue);
    }

    private async Task<AccessToken> AskServerAsync(CancellationToken cancellationToken)
    {
        var credentials = new TokenRequest { ClientToken = settings.ClientToken, ClientSecret = settings.ClientSecret };
        var call = new ApiCall(HttpMethod.Post, "/token", JsonSerializer.SerializeToUtf8Bytes(credentials, ProtocolJson.Default.TokenRequest));
        using var request = call.ToRequest(settings.Api.Of(call.Route));
        var askedAt = settings.Time.GetUtcNow();
        var answer = await transport.SendAsync(request, call.Name, cancellationToken).ConfigureAwait(false);
        if (answer.Refusal is { } refusal)
            throw ApiErrors.From(refusal, call.Name, settings.ClientSecret);
        var token = Read(answer.Body);
        if (token?.AccessToken is not { Length: > 0 } value || token.ExpiresIn <= 0)
            throw new VZapsApiException($"{call.Name} at {settings.Api} answered no access token. Is BaseUrl that of a VZaps gateway?") { StatusCode = 200 };
        return new AccessToken(value, AccessToken.RenewalTime(askedAt, TimeSpan.FromSeconds(token.ExpiresIn)));
    }

    private static TokenAnswer? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ProtocolJson.Default.TokenAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
