using VZaps.Gateway.Ingest.Sources.CloudApi;
using VZaps.Gateway.Ingest.Sources.WuzApi;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Puts the sources into the container, and their routes onto their addresses.</summary>
internal static class SourceRegistration
{
    public static IServiceCollection AddSources(this IServiceCollection services) => services
        .AddSingleton<SourceDirectory>()
        .AddSingleton<IInstanceSightings>(provider => provider.GetRequiredService<SourceDirectory>())
        .AddSingleton<IdentityStore>()
        .AddSingleton<SourceMetrics>()
        .AddSingleton<IMediaTokens, SourceTokens>()
        .AddSingleton<KeptPayloads>()
        .AddSingleton<IKeptSince>(provider => provider.GetRequiredService<KeptPayloads>())
        .AddSingleton<SourcePublisher>()
        .AddSingleton<ISourceFormat, CloudFormat>()
        .AddSingleton<ISourceFormat, WuzFormat>()
        .AddSingleton<SenderRoutes>()
        .AddSingleton<MappingAgain>()
        .AddSingleton<SilentSources>()
        .AddSingleton<SourceAnswers>()
        .AddHostedService<SourceUpkeep>();

    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        SenderRoutes.Map(routes);
        routes.MapSourceSettings();
        routes.MapKeptPayloads();
    }
}
