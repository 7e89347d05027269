using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VZaps.Client.Hosting.Configuration;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps;

/// <summary>Webhooks for the handlers of a host.</summary>
public static class VZapsWebhookServiceExtensions
{
    /// <summary>Whether the events of a subscription come by webhook, by its <see cref="VZapsSubscriptionOptions.Transport"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="subscription">The name of the subscription.</param>
    /// <returns>True for <see cref="EventTransport.Webhook"/> and <see cref="EventTransport.Both"/>, false for <see cref="EventTransport.Realtime"/>.</returns>
    /// <exception cref="OptionsValidationException">The subscription's options are wrong; the text says which.</exception>
    public static bool TakesVZapsWebhooks(this IServiceProvider services, string subscription) => OptionsOf(services, subscription).Transport != EventTransport.Realtime;

    /// <summary>
    /// Makes a receiver that hands the posts of a webhook to the handlers of a subscription of the host, each event in a scope of its own, with the subscription's consumer, retry policy and store of
    /// processed events, and with <see cref="VZapsClientOptions.CloseTimeout"/> and <see cref="VZapsClientOptions.MaxHandlerTime"/> of the client. Where the client has credentials, links of files are renewed with them. For any web
    /// server; <c>VZaps.Client.AspNetCore</c> has it as a route.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="subscription">The name of the subscription, whose <see cref="VZapsSubscriptionOptions.WebhookSecrets"/> are set.</param>
    /// <returns>A receiver with the handlers. It closes with the host: as that begins to stop, running handlers have <see cref="VZapsClientOptions.CloseTimeout"/>, and the stop waits for them.</returns>
    /// <remarks>
    /// Call it once for a subscription, and keep the receiver: each call makes another one, which knows nothing of what the others handle, and which the host keeps until it stops. With two, an event that is
    /// posted again while its handlers run would start them a second time.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The subscription has no handler.</exception>
    /// <exception cref="OptionsValidationException">The subscription's or the client's options are wrong; the text says which.</exception>
    public static WebhookReceiver CreateWebhookReceiver(this IServiceProvider services, string subscription)
    {
        var options = OptionsOf(services, subscription);
        var handlers = services.GetKeyedServices<HandlerRegistration>(subscription).ToList();
        if (handlers.Count == 0)
            throw new InvalidOperationException($"There is no handler for '{subscription}': add one with AddVZaps(…).AddEventHandler<…>(\"{subscription}\").");
        var client = services.GetRequiredService<IOptions<VZapsClientOptions>>().Value;
        var receiver = new WebhookReceiver(NewOptions(options, client) with { Client = client.HasCredentials() ? services.GetRequiredService<VZapsClient>() : null });
        var scopes = new EventScopes(services.GetRequiredService<IServiceScopeFactory>());
        foreach (var handler in handlers)
            handler.Register(receiver, scopes);
        services.GetRequiredService<WebhookReceivers>().Add(receiver);
        return receiver;
    }

    private static WebhookReceiverOptions NewOptions(VZapsSubscriptionOptions options, VZapsClientOptions client)
    {
        var request = options.Request;
        return new WebhookReceiverOptions
        {
            Secrets = [.. options.WebhookSecrets],
            Tolerance = options.WebhookTolerance,
            MaxBodyBytes = options.WebhookMaxBodyBytes,
            MaxUnheardHandlers = options.WebhookMaxUnheardHandlers,
            MaxUnheardResults = options.WebhookMaxUnheardResults,
            UnheardResultLifetime = options.WebhookUnheardResultLifetime,
            Consumer = request.Consumer ?? client.ResolveConsumer(),
            ProcessedEvents = request.ProcessedEvents,
            HandlerRetry = request.HandlerRetry,
            MaxHandlerTime = client.MaxHandlerTime,
            CloseTimeout = client.CloseTimeout,
            LoggerFactory = client.LoggerFactory,
            TimeProvider = client.TimeProvider,
        };
    }

    private static VZapsSubscriptionOptions OptionsOf(IServiceProvider services, string subscription)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        return services.GetRequiredService<IOptionsMonitor<VZapsSubscriptionOptions>>().Get(subscription);
    }
}
