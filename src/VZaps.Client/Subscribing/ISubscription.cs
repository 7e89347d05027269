namespace VZaps.Client.Subscribing;

/// <summary>What the client knows of a subscription, whichever way its events are consumed.</summary>
internal interface ISubscription : IAsyncDisposable
{
    /// <summary>Completes when the first connection is open; fails when none could be made.</summary>
    Task FirstOpen { get; }

    /// <summary>Completes when it is closed; never fails.</summary>
    Task Ended { get; }

    void Begin();

    /// <summary>Lets what is with its handlers finish, within bounds, and closes.</summary>
    Task CloseAsync();
}
