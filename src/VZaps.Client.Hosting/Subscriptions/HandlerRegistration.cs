namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>Puts a handler onto its subscription once that is there.</summary>
internal sealed class HandlerRegistration(Action<EventSubscription, EventScopes> register)
{
    public void Register(EventSubscription subscription, EventScopes scopes) => register(subscription, scopes);
}
