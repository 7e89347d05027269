using VZaps.Cli.Profiles;

namespace VZaps.Cli.Media;

/// <summary>The SDK's way to one instance's files: with its token where the profile has one, and else as the account.</summary>
internal sealed class MediaClient : IAsyncDisposable
{
    private readonly VZapsClient _client;
    private readonly LinksAtBaseUrl _handler;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="access">Which instance.</param>
    /// <param name="pendingTimeout">How long a file that is still being fetched is waited for; null for the SDK's default.</param>
    /// <exception cref="MisuseException">A value that is needed is missing.</exception>
    public MediaClient(Access access, TimeSpan? pendingTimeout = null)
    {
        InstanceId = access.InstanceId;
        var options = new VZapsClientOptions { ClientToken = access.ClientToken, BaseUrl = access.BaseUrl };
        var token = access.HasInstanceToken || !access.HasClientSecret ? access.InstanceToken : null;
        if (token is null)
            options.ClientSecret = access.ClientSecret;
        else
            options.GetTokenAsync = _ => throw new VZapsAuthenticationException("The instance's token is used; no access token is asked for.");
        if (pendingTimeout is { } longest)
            options.MediaPendingTimeout = longest;
        options.HttpHandler = _handler = new LinksAtBaseUrl(access.BaseUrl);
        // Also what would lead elsewhere leads to the base address.
        options.MediaHttpHandler = _handler;
        _client = new VZapsClient(options);
        Files = token is null ? _client.Media : _client.Media.WithInstanceToken(token);
    }

    public string InstanceId { get; }

    public VZapsMedia Files { get; }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _handler.Dispose();
    }
}
