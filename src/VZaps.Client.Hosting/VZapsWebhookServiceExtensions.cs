using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps;

/// <summary>Webhooks for the handlers of a host.</summary>
public static class VZapsWebhookServiceExtensions
{
    private const string ConsumerVariable = "VZAPS_CONSUMER", DefaultConsumer = "default";

    /// <summary>Whether the events of a subscription come by webhook, by its <see cref="VZapsSubscriptionOptions.Transport"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="subscription">The name of the subscription.</param>
    public static bool TakesVZapsWebhooks(this IServiceProvider services, string subscription) => OptionsOf(services, subscription).Transport != EventTransport.Realtime;

    /// <summary>
    /// Makes a receiver that hands the posts of a webhook to the handlers of a subscription of the host, each event in a scope of its own, with the subscription's consumer and store of
    /// processed events. For any web server; <c>VZaps.Client.AspNetCore</c> has it as a route.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="subscription">The name of the subscription, whose <see cref="VZapsSubscriptionOptions.WebhookSecrets"/> are set.</param>
    /// <exception cref="InvalidOperationException">The subscription has no handler.</exception>
    /// <exception cref="OptionsValidationException">Its options are wrong; the text says which.</exception>
    public static WebhookReceiver CreateWebhookReceiver(this IServiceProvider services, string subscription)
    {
        var options = OptionsOf(services, subscription);
        var handlers = services.GetKeyedServices<HandlerRegistration>(subscription).ToList();
        if (handlers.Count == 0)
            throw new InvalidOperationException($"There is no handler for '{subscription}': add one with AddVZaps(…).AddEventHandler<…>(\"{subscription}\").");
        var request = options.ToRequest();
        var client = services.GetRequiredService<IOptions<VZapsClientOptions>>().Value;
        var receiver = new WebhookReceiver(new WebhookReceiverOptions
        {
            Secrets = [.. options.WebhookSecrets],
            Consumer = request.Consumer ?? client.Consumer ?? NullWhenEmpty(Environment.GetEnvironmentVariable(ConsumerVariable)) ?? DefaultConsumer,
            ProcessedEvents = request.ProcessedEvents,
            // Not as the stop begins: the web server lets the posts that it has finish.
            Stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopped ?? CancellationToken.None,
            LoggerFactory = client.LoggerFactory,
            TimeProvider = client.TimeProvider,
        });
        var scopes = new EventScopes(services.GetRequiredService<IServiceScopeFactory>());
        foreach (var handler in handlers)
            handler.Register(receiver, scopes);
        return receiver;
    }

    private static VZapsSubscriptionOptions OptionsOf(IServiceProvider services, string subscription)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        return services.GetRequiredService<IOptionsMonitor<VZapsSubscriptionOptions>>().Get(subscription);
    }

    private static string? NullWhenEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
