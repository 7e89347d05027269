using VZaps.Client.Auth;
using VZaps.Client.Configuration;
using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>What files are fetched with: how, within which limits, and who gives a new link.</summary>
internal sealed class MediaAccess
{
    /// <summary>For events that no client received, such as a webhook's: the options' defaults, and nobody who renews a link.</summary>
    private static readonly Lazy<MediaAccess> Clientless = new(() =>
    {
        var defaults = new VZapsClientOptions();
        return new MediaAccess
        {
            Http = new HttpClient(HttpPipe.NewMediaHandler()) { Timeout = Timeout.InfiniteTimeSpan },
            PendingTimeout = defaults.MediaPendingTimeout,
            StallTimeout = defaults.MediaStallTimeout,
            MaxResumes = defaults.MaxMediaResumes,
            Time = TimeProvider.System,
        };
    });

    public static MediaAccess WithoutClient => Clientless.Value;

    /// <summary>For links to anywhere.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>For links to the client's own gateway, which may have what the user's handlers add; null where there is no client.</summary>
    public HttpClient? GatewayHttp { get; init; }

    /// <summary>Where that is; null where there is no client.</summary>
    public Uri? Gateway { get; init; }

    public required TimeSpan PendingTimeout { get; init; }

    public required TimeSpan StallTimeout { get; init; }

    public required int MaxResumes { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Null where there are no credentials.</summary>
    public AuthorizedApi? Api { get; init; }

    /// <summary>The subscription's; null for a call by the account.</summary>
    public string? InstanceToken { get; init; }

    public static MediaAccess Of(ClientSettings settings, HttpPipe pipe, AuthorizedApi api) => new()
    {
        Http = pipe.Links,
        GatewayHttp = pipe.Calls,
        Gateway = settings.Api.Address,
        PendingTimeout = settings.MediaPendingTimeout,
        StallTimeout = settings.MediaStallTimeout,
        MaxResumes = settings.MaxMediaResumes,
        Time = settings.Time,
        Api = api,
    };

    /// <summary>The same for the events of a subscription.</summary>
    public MediaAccess With(string instanceToken) => new()
    {
        Http = Http,
        GatewayHttp = GatewayHttp,
        Gateway = Gateway,
        PendingTimeout = PendingTimeout,
        StallTimeout = StallTimeout,
        MaxResumes = MaxResumes,
        Time = Time,
        Api = Api,
        InstanceToken = instanceToken,
    };

    /// <summary>Whether a link leads to the client's own gateway: the same scheme, host and port.</summary>
    public bool IsGateway(Uri url) => Gateway is not null && Uri.Compare(Gateway, url, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
}
