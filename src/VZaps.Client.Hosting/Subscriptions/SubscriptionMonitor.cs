namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>What the health check knows of a subscription of the host.</summary>
/// <remarks>Thread-safe: each field is written whole.</remarks>
internal sealed class SubscriptionMonitor(string name)
{
    private volatile EventSubscription? _subscription;
    private volatile VZapsException? _ended;

    public string Name => name;

    /// <summary>The subscription; null while the first connection is not open.</summary>
    public EventSubscription? Subscription
    {
        get => _subscription;
        set => _subscription = value;
    }

    /// <summary>What ended it for good; null while it lives.</summary>
    public VZapsException? Ended
    {
        get => _ended;
        set => _ended = value;
    }
}
