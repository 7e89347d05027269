using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>One subscription for as long as the host runs. What ends it for good ends this service, and so, by the host's default, the host.</summary>
internal sealed partial class SubscriptionService(
    SubscriptionMonitor monitor,
    VZapsClient client,
    VZapsSubscriptionOptions options,
    IEnumerable<HandlerRegistration> handlers,
    EventScopes scopes,
    ILogger<VZapsClient> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var subscription = await client.Events.SubscribeAsync(options.ToRequest(), stoppingToken).ConfigureAwait(false);
            await using (subscription.ConfigureAwait(false))
            {
                foreach (var handler in handlers)
                    handler.Register(subscription, scopes);
                monitor.Subscription = subscription;
                // The host's stop closes it: the running handlers finish, and their acks are sent.
                await subscription.WaitClosedAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before the first connection was open.
        }
        catch (VZapsException ended)
        {
            monitor.Ended = ended;
            LogEnded(logger, ended, monitor.Name);
            throw;
        }
    }

    [LoggerMessage(1301, LogLevel.Critical, "The subscription {Subscription} ended and does not connect again.")]
    private static partial void LogEnded(ILogger logger, Exception error, string subscription);
}
