namespace VZaps;

/// <summary>Where a subscription's connection stands.</summary>
public enum SubscriptionState
{
    /// <summary>The first connection is being made, or tried again.</summary>
    Connecting,

    /// <summary>A connection is open.</summary>
    Open,

    /// <summary>There was a connection; another is being made, or waited for.</summary>
    Reconnecting,

    /// <summary>No other connection follows; running handlers may finish.</summary>
    Closing,

    /// <summary>The end.</summary>
    Closed,
}

/// <summary>A change of <see cref="EventSubscription.State"/>.</summary>
public sealed class SubscriptionStateChangedEventArgs : EventArgs
{
    internal SubscriptionStateChangedEventArgs(SubscriptionState previous, SubscriptionState current, VZapsException? error) =>
        (Previous, Current, Error) = (previous, current, error);

    /// <summary>What it was.</summary>
    public SubscriptionState Previous { get; }

    /// <summary>What it is.</summary>
    public SubscriptionState Current { get; }

    /// <summary>What ended the connection, or the subscription; null where that was asked for, or where the change is for the better.</summary>
    public VZapsException? Error { get; }
}
