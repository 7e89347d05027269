using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>One subscription for as long as the host runs. What ends it for good ends this service, and so, by the host's default, the host.</summary>
/// <remarks>The client and the options are taken when it runs, not when it is made: by then the host has checked all of them, and told all mistakes at once.</remarks>
internal sealed partial class SubscriptionService(SubscriptionMonitor monitor, IServiceProvider services, ILogger<VZapsClient> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before the first connection was open.
        }
        catch (Exception ended)
        {
            // Also the user's code, which changes requests and makes handlers: a health check that knew of no end would call it "not connected" for ever.
            monitor.Ended = ended;
            LogEnded(logger, ended, monitor.Name);
            throw;
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var options = services.GetRequiredService<IOptionsMonitor<VZapsSubscriptionOptions>>().Get(monitor.Name);
        if (options.Transport == EventTransport.Webhook)
            return;
        var scopes = new EventScopes(services.GetRequiredService<IServiceScopeFactory>());
        var subscription = await services.GetRequiredService<VZapsClient>().Events.SubscribeAsync(options.ToRequest(), stoppingToken).ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            foreach (var handler in services.GetKeyedServices<HandlerRegistration>(monitor.Name))
                handler.Register(subscription, scopes);
            monitor.Subscription = subscription;
            // The host's stop closes it: the running handlers finish, and their acks are sent.
            await subscription.WaitClosedAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1411, LogLevel.Critical, "The subscription {Subscription} ended and does not connect again.")]
    private static partial void LogEnded(ILogger logger, Exception error, string subscription);
}
