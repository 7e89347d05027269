using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps.Client.Hosting.Health;

/// <summary>The worst of all subscriptions: connected or not, and how far behind.</summary>
/// <param name="monitors">The subscriptions.</param>
/// <param name="client">Gives the client, which a host that only takes webhooks cannot make.</param>
/// <param name="options">Their options.</param>
internal sealed class SubscriptionsHealthCheck(
    IEnumerable<SubscriptionMonitor> monitors, Func<VZapsClient> client, IOptionsMonitor<VZapsSubscriptionOptions> options) : IHealthCheck
{
    private const string Ephemeral = "ephemeral";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (worst, words, data) = (HealthStatus.Healthy, new List<string>(), new Dictionary<string, object>(StringComparer.Ordinal));
        foreach (var monitor in monitors)
        {
            var (status, word) = await CheckAsync(monitor, context.Registration.FailureStatus, data, cancellationToken).ConfigureAwait(false);
            // The lower the status, the worse.
            worst = status < worst ? status : worst;
            words.Add($"{monitor.Name}: {word}");
        }

        return new HealthCheckResult(worst, words.Count > 0 ? string.Join("; ", words) : "There is no subscription.", data: data);
    }

    private async Task<(HealthStatus Status, string Word)> CheckAsync(
        SubscriptionMonitor monitor, HealthStatus failure, Dictionary<string, object> data, CancellationToken cancellationToken)
    {
        // The gateway knows how its deliveries do; here is nothing that could be behind.
        if (options.Get(monitor.Name).Transport == EventTransport.Webhook)
            return (HealthStatus.Healthy, "takes webhooks");
        if (monitor.Ended is { } ended)
            return (failure, $"ended: {ended.Message}");
        if (monitor.Subscription?.Connection is not { } connection)
            return (failure, "not connected");
        var settings = options.Get(monitor.Name);
        ConsumerAnswer? consumer;
        try
        {
            consumer = await AskAsync(settings.InstanceId, connection.Consumer, cancellationToken).ConfigureAwait(false);
        }
        catch (VZapsException unknown)
        {
            return (HealthStatus.Degraded, $"connected, but its lag is not known: {unknown.Message}");
        }

        // The ephemeral consumer keeps no position, so it is not behind; of any other, no answer is no good news.
        if (consumer?.Lag is null && connection.Consumer != Ephemeral)
            return (HealthStatus.Degraded, $"connected as {connection.Consumer}, but its lag is not known: the gateway does not tell it");
        var (lag, lagTime) = (consumer?.Lag ?? 0, TimeSpan.FromSeconds(consumer?.LagSeconds ?? 0));
        data[$"{monitor.Name}.lag"] = lag;
        data[$"{monitor.Name}.lag_seconds"] = lagTime.TotalSeconds;
        if (lag > settings.MaxLagEvents)
            return (HealthStatus.Degraded, $"{lag} events behind, more than {settings.MaxLagEvents} (MaxLagEvents)");
        if (lagTime > settings.MaxLagTime)
            return (HealthStatus.Degraded, $"{lagTime} behind, more than {settings.MaxLagTime} (MaxLagTime)");
        return (HealthStatus.Healthy, $"connected as {connection.Consumer}, {lag} events behind");
    }

    private async Task<ConsumerAnswer?> AskAsync(string instanceId, string consumer, CancellationToken cancellationToken)
    {
        var all = await client().RequestAsync(
            HttpMethod.Get, $"/instances/{Uri.EscapeDataString(instanceId)}/consumers", HealthJson.Default.ListConsumerAnswer, cancellationToken).ConfigureAwait(false);
        return all?.Find(one => one.Name == consumer);
    }
}
