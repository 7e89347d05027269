namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>Puts a handler onto what brings events: its subscription once that is there, and a webhook of the same name.</summary>
/// <param name="register">Is given what adds a handler for a type.</param>
internal sealed class HandlerRegistration(Action<Action<EventType, Func<EventContext, Task>>, EventScopes> register)
{
    public void Register(EventSubscription subscription, EventScopes scopes) => register((type, handler) => subscription.OnEvent(type, handler), scopes);

    public void Register(WebhookReceiver receiver, EventScopes scopes) => register((type, handler) => receiver.OnEvent(type, handler), scopes);
}
