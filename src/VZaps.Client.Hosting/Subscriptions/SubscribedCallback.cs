namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>What the user wants to do with a subscription once it is there.</summary>
internal sealed class SubscribedCallback(Action<EventSubscription, IServiceProvider> callback)
{
    public void Call(EventSubscription subscription, IServiceProvider services) => callback(subscription, services);
}
