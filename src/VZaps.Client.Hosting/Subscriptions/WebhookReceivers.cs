using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>The receivers of the host. They begin to close as the host begins to stop, and its stop waits for what still runs in them, within their bounds.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WebhookReceivers(IHostApplicationLifetime? lifetime) : IHostedService
{
    private readonly ConcurrentBag<WebhookReceiver> _receivers = [];

    public void Add(WebhookReceiver receiver)
    {
        _receivers.Add(receiver);
        // Not when it is this service's turn to stop: until then the web server waits for its requests, and nobody would tell their handlers.
        lifetime?.ApplicationStopping.UnsafeRegister(static receiver => _ = ((WebhookReceiver)receiver!).CloseAsync(), receiver);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for as long as closing takes, and not only for the host's <c>ShutdownTimeout</c>, as with subscriptions.</summary>
    /// <param name="cancellationToken">The host's patience, which is not asked.</param>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_receivers.Select(receiver => receiver.CloseAsync(CancellationToken.None)));
}
