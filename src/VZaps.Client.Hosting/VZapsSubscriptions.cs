using VZaps.Client.Hosting.Subscriptions;

namespace VZaps;

/// <summary>The subscriptions of the host, for code beside its handlers: their state, their connection, and <see cref="EventSubscription.ReconnectNow"/>.</summary>
/// <remarks>A singleton of the host's services. Thread-safe. The host starts and closes them.</remarks>
public sealed class VZapsSubscriptions
{
    private readonly Dictionary<string, SubscriptionMonitor> _monitors;

    internal VZapsSubscriptions(IEnumerable<SubscriptionMonitor> monitors) => _monitors = monitors.ToDictionary(monitor => monitor.Name, StringComparer.Ordinal);

    /// <summary>The names of those that have handlers.</summary>
    public IReadOnlyCollection<string> Names => _monitors.Keys;

    /// <summary>A subscription; null while its first connection is not open.</summary>
    /// <exception cref="ArgumentException">There is no subscription of that name.</exception>
    public EventSubscription? Find(string name) => MonitorOf(name).Subscription;

    /// <summary>What ended a subscription for good, and so stops the host; null while it lives, and when the host's stop closed it.</summary>
    /// <exception cref="ArgumentException">There is no subscription of that name.</exception>
    public Exception? FindEnd(string name) => MonitorOf(name).Ended;

    private SubscriptionMonitor MonitorOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _monitors.TryGetValue(name, out var monitor)
            ? monitor
            : throw new ArgumentException($"There is no subscription '{name}' with a handler. There are: {string.Join(", ", _monitors.Keys)}.", nameof(name));
    }
}
