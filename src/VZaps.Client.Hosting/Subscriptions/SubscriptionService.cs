using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>One subscription for as long as the host runs. What ends it for good ends this service, and so, by the host's default, the host.</summary>
/// <remarks>The client and the options are taken when it runs, not when it is made: by then the host has checked all of them, and told all mistakes at once.</remarks>
internal sealed partial class SubscriptionService(SubscriptionMonitor monitor, IServiceProvider services, ILogger<VZapsClient> logger) : BackgroundService
{
    /// <summary>What a close takes at most beside the handlers and the callbacks, which have <see cref="VZapsClientOptions.CloseTimeout"/> each: last acks, the close frame, a saved cursor.</summary>
    private static readonly TimeSpan CloseReserve = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Waits for as long as a close of the SDK takes, and not only for the host's <c>ShutdownTimeout</c>: cut short, it would leave handled events unacked.
    /// </summary>
    /// <param name="cancellationToken">The host's patience, which is not asked.</param>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var closing = services.GetRequiredService<IOptions<VZapsClientOptions>>().Value.CloseTimeout;
        using var limit = new CancellationTokenSource(closing + closing + CloseReserve);
        await base.StopAsync(limit.Token).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host stops its services one after the other; all subscriptions begin to close at once.
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, stopping);
        try
        {
            await RunAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
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
        var callbacks = services.GetKeyedServices<SubscribedCallback>(monitor.Name).ToList();
        if (options.Transport == EventTransport.Webhook)
        {
            if (callbacks.Count > 0)
                LogNotSubscribed(logger, monitor.Name);
            return;
        }

        var scopes = new EventScopes(services.GetRequiredService<IServiceScopeFactory>());
        var subscription = await services.GetRequiredService<VZapsClient>().Events.SubscribeAsync(options.Request, stoppingToken).ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            foreach (var handler in services.GetKeyedServices<HandlerRegistration>(monitor.Name))
                handler.Register(subscription, scopes);
            callbacks.ForEach(callback => callback.Call(subscription, services));
            monitor.Subscription = subscription;
            // The host's stop closes it: the running handlers finish, and their acks are sent.
            await subscription.WaitClosedAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1411, LogLevel.Critical, "The subscription {Subscription} ended and does not connect again.")]
    private static partial void LogEnded(ILogger logger, Exception error, string subscription);

    [LoggerMessage(1412, LogLevel.Warning, "The callbacks of OnSubscribed are not called for {Subscription}: its Transport is Webhook, so there is no connection. What its handlers throw is in the log of VZaps.Client.Webhooks.")]
    private static partial void LogNotSubscribed(ILogger logger, string subscription);
}
