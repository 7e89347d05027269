using Microsoft.Extensions.Options;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary>Puts the webhooks into the container, and their routes onto their addresses.</summary>
internal static class WebhookRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddOutbound(provider => provider.GetRequiredService<IOptions<WebhookOptions>>().Value.AllowedNetworks);
        services.AddHttpClient(WebhookPost.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => GuardedHandler.Create(provider.GetRequiredService<GuardedConnect>()))
            // It renews its connections by itself.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // They would print the URL of each post, with whatever secret its owner has put into it.
            .RemoveAllLoggers();
        services.AddSingleton<EndpointSecrets>();
        return services
            .AddWebhookLogs()
            .AddSingleton<EndpointDirectory>()
            .AddSingleton<EndpointAnswers>()
            .AddSingleton<IWebhookField, DefaultEndpoint>()
            .AddSingleton<WebhookMetrics>()
            .AddSingleton<WebhookLagMetrics>()
            .AddSingleton<WebhookPost>()
            .AddSingleton(provider => new GatewaySlots(provider.GetRequiredService<IOptions<WebhookOptions>>().Value.MaxInFlight))
            .AddSingleton<HealthWatch>()
            .AddSingleton<DispatchServices>()
            // Stopped in the opposite order: how endpoints do is saved when nothing is posted any more.
            .AddHostedService<EndpointSaver>()
            .AddSingleton<Dispatcher>()
            .AddHostedService(provider => provider.GetRequiredService<Dispatcher>())
            .AddSingleton<UnattemptedEvents>()
            .AddSingleton<RetryJobs>()
            .AddHostedService(provider => provider.GetRequiredService<RetryJobs>())
            .AddSingleton<IManualRetries>(provider => provider.GetRequiredService<Dispatcher>());
    }

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        routes.MapEndpoints();
        routes.MapTestDelivery();
        routes.MapWebhookLogs();
        routes.MapRetryJobs();
    }
}
