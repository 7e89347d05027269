using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Webhooks;

/// <summary>Puts the logs of webhooks into the container, and their routes onto their addresses.</summary>
internal static class WebhookLogRegistration
{
    public static IServiceCollection AddWebhookLogs(this IServiceCollection services) => services
        .AddSingleton<DeliveryConnections>()
        .AddSingleton<DeliveryWriter>()
        .AddSingleton<DeliveryStore>()
        .AddSingleton<LogSearch>()
        .AddSingleton<LoggedEvents>()
        .AddSingleton<EventDeliveryRoute>()
        .AddSingleton<RetentionRows>()
        .AddSingleton(provider => new LogRetention(
            provider.GetRequiredService<RetentionRows>(),
            provider.GetRequiredService<DeliveryWriter>(),
            LimitsOf(provider.GetRequiredService<IOptions<WebhookOptions>>().Value),
            provider.GetRequiredService<TimeProvider>()))
        .AddHostedService<LogUpkeep>();

    public static void MapWebhookLogs(this IEndpointRouteBuilder routes)
    {
        LogRoutes.Map(routes);
        EventDeliveryRoute.Map(routes);
    }

    private static LogLimits LimitsOf(WebhookOptions options) => new(options.LogRetentionAge, options.LogRetentionCount, options.LogRetentionBytes);
}
