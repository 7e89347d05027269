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
        // All at once: together they take no longer than the slowest.
        var findings = await Task.WhenAll(monitors.Select(monitor => CheckAsync(monitor, context.Registration.FailureStatus, cancellationToken))).ConfigureAwait(false);
        // The lower the status, the worse.
        var worst = findings.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Healthy).Min();
        var words = monitors.Zip(findings, (monitor, finding) => $"{monitor.Name}: {finding.Word}").DefaultIfEmpty("There is no subscription.");
        var data = findings.SelectMany(finding => finding.Data ?? []).ToDictionary(StringComparer.Ordinal);
        return new HealthCheckResult(worst, string.Join("; ", words), data: data);
    }

    private async Task<Finding> CheckAsync(SubscriptionMonitor monitor, HealthStatus failure, CancellationToken cancellationToken)
    {
        // The gateway knows how its deliveries do; here is nothing that could be behind.
        if (options.Get(monitor.Name).Transport == EventTransport.Webhook)
            return new Finding(HealthStatus.Healthy, "takes webhooks");
        if (monitor.Ended is { } ended)
            return new Finding(failure, $"ended: {ended.Message}");
        if (monitor.Subscription?.Connection is not { } connection)
            return new Finding(failure, "not connected");
        var settings = options.Get(monitor.Name);
        ConsumerAnswer? consumer;
        try
        {
            consumer = await AskAsync(settings, connection.Consumer, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Finding(HealthStatus.Degraded, $"connected, but its lag is not known: the gateway did not tell within {settings.HealthTimeout} (HealthTimeout)");
        }
        catch (VZapsException unknown)
        {
            return new Finding(HealthStatus.Degraded, $"connected, but its lag is not known: {unknown.Message}");
        }

        // The ephemeral consumer keeps no position, so it is not behind; of any other, no answer is no good news.
        if (consumer?.Lag is null && connection.Consumer != Ephemeral)
            return new Finding(HealthStatus.Degraded, $"connected as {connection.Consumer}, but its lag is not known: the gateway does not tell it");
        var (lag, lagTime) = (consumer?.Lag ?? 0, TimeSpan.FromSeconds(consumer?.LagSeconds ?? 0));
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { [$"{monitor.Name}.lag"] = lag, [$"{monitor.Name}.lag_seconds"] = lagTime.TotalSeconds };
        if (lag > settings.MaxLagEvents)
            return new Finding(HealthStatus.Degraded, $"{lag} events behind, more than {settings.MaxLagEvents} (MaxLagEvents)", data);
        if (lagTime > settings.MaxLagTime)
            return new Finding(HealthStatus.Degraded, $"{lagTime} behind, more than {settings.MaxLagTime} (MaxLagTime)", data);
        return new Finding(HealthStatus.Healthy, $"connected as {connection.Consumer}, {lag} events behind", data);
    }

    private async Task<ConsumerAnswer?> AskAsync(VZapsSubscriptionOptions settings, string consumer, CancellationToken cancellationToken)
    {
        // Not the time-out of a call, which has retries and may be longer than whoever asks for the health waits.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.HealthTimeout);
        var all = await client().RequestAsync(
            HttpMethod.Get, $"/instances/{Uri.EscapeDataString(settings.InstanceId)}/consumers", HealthJson.Default.ListConsumerAnswer, limit.Token).ConfigureAwait(false);
        return all?.Find(one => one.Name == consumer);
    }

    private sealed record Finding(HealthStatus Status, string Word, Dictionary<string, object>? Data = null);
}
