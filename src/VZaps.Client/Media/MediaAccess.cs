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
            Http = new HttpClient(HttpPipe.NewHandler()) { Timeout = Timeout.InfiniteTimeSpan },
            PendingTimeout = defaults.MediaPendingTimeout,
            StallTimeout = defaults.MediaStallTimeout,
            MaxResumes = defaults.MaxMediaResumes,
            Time = TimeProvider.System,
        };
    });

    public static MediaAccess WithoutClient => Clientless.Value;

    public required HttpClient Http { get; init; }

    public required TimeSpan PendingTimeout { get; init; }

    public required TimeSpan StallTimeout { get; init; }

    public required int MaxResumes { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Null where there are no credentials.</summary>
    public AuthorizedApi? Api { get; init; }

    /// <summary>The subscription's; null for a call by the account.</summary>
    public string? InstanceToken { get; init; }

    public static MediaAccess Of(ClientSettings settings, HttpClient http, AuthorizedApi api) => new()
    {
        Http = http,
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
        PendingTimeout = PendingTimeout,
        StallTimeout = StallTimeout,
        MaxResumes = MaxResumes,
        Time = Time,
        Api = Api,
        InstanceToken = instanceToken,
    };
}
