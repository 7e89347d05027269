using Microsoft.Extensions.Options;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>Puts the files of events into the container, and their routes onto their addresses.</summary>
internal static class MediaRegistration
{
    /// <summary>Adds them; needs an <see cref="IMediaTokens"/> and an <see cref="IKeptSince"/>.</summary>
    public static IServiceCollection AddMedia(this IServiceCollection services)
    {
        services.AddHttpClient(GuardedGet.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => GuardedHandler.Create(GuardOf(provider)))
            // It renews its connections by itself.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // They would print URLs, which may hold secrets.
            .RemoveAllLoggers();
        return services
            .AddSingleton<IMediaStore, DiskMediaStore>()
            .AddSingleton<FreeSpace>()
            .AddSingleton<IncomingFiles>()
            .AddSingleton<MediaMetrics>()
            .AddSingleton<MediaCatalog>()
            .AddSingleton<MediaWaiters>()
            .AddSingleton<MediaLinks>()
            .AddSingleton<MediaAttaching>()
            .AddSingleton<GuardedGet>()
            .AddSingleton<GraphApi>()
            .AddSingleton<MediaDownload>()
            .AddSingleton<MediaFetch>()
            .AddSingleton<MediaRoutes>()
            .AddSingleton<MediaItemRoutes>()
            .AddSingleton<CatalogStart>()
            .AddSingleton<OldestFiles>()
            .AddSingleton<MediaRetention>()
            .AddSingleton<FetchJobs>();
    }

    /// <summary>Adds what runs by itself; started when the sources are loaded, as their tokens are needed.</summary>
    public static IServiceCollection AddMediaWork(this IServiceCollection services) => services
        .AddHostedService(provider => provider.GetRequiredService<FetchJobs>())
        .AddHostedService<MediaUpkeep>();

    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        MediaRoutes.Map(routes);
        MediaItemRoutes.Map(routes);
    }

    // A guard of its own: what may be fetched from is not what webhooks may be posted to.
    private static GuardedConnect GuardOf(IServiceProvider provider) => new(new CheckedHosts(
        provider.GetRequiredService<IHostResolver>(),
        new AddressGuard(new AllowedNetworks(provider.GetRequiredService<IOptions<MediaOptions>>().Value.AllowedNetworks)),
        provider.GetRequiredService<ILogger<CheckedHosts>>()));
}
