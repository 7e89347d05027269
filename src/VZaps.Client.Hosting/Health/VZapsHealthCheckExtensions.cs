using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using VZaps.Client.Hosting.Health;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps;

/// <summary>The health of a host's subscriptions.</summary>
public static class VZapsHealthCheckExtensions
{
    /// <summary>
    /// Adds a check of all subscriptions of the host. Each must be connected, else the check fails; and its consumer must not be further behind than
    /// <see cref="VZapsSubscriptionOptions.MaxLagEvents"/> and <see cref="VZapsSubscriptionOptions.MaxLagTime"/>, else it is degraded: the gateway is asked, so that a handler that is stuck behind an open socket shows.
    /// </summary>
    /// <param name="builder">The host's checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a subscription without a connection is; null for unhealthy.</param>
    /// <param name="tags">The check's tags.</param>
    public static IHealthChecksBuilder AddVZaps(
        this IHealthChecksBuilder builder, string name = "vzaps", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => new SubscriptionsHealthCheck(
                services.GetServices<SubscriptionMonitor>(),
                services.GetRequiredService<VZapsClient>,
                services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<VZapsSubscriptionOptions>>()),
            failureStatus,
            tags));
    }
}
