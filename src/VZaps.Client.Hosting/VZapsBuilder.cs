using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps;

/// <summary>Adds event handlers to a host; <see cref="VZapsServiceCollectionExtensions.AddVZaps(IServiceCollection, Microsoft.Extensions.Configuration.IConfiguration)"/> gives one.</summary>
/// <remarks>Not thread-safe, as its service collection is not.</remarks>
public sealed class VZapsBuilder
{
    internal VZapsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a handler for events of a subscription. Handlers of one subscription share its connection; each event goes to all of them whose types match.</summary>
    /// <typeparam name="THandler">It is added as a scoped service unless it is a service already.</typeparam>
    /// <param name="subscription">The name of the subscription: its section under <c>Subscriptions</c>.</param>
    /// <param name="types">Which events it gets; none for all.</param>
    /// <returns>This builder.</returns>
    public VZapsBuilder AddEventHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        string subscription, params EventType[] types)
        where THandler : class, IEventHandler
    {
        ArgumentNullException.ThrowIfNull(types);
        Services.TryAddScoped<THandler>();
        return Add(subscription, (on, scopes) =>
        {
            foreach (var type in types.Length > 0 ? types : [EventType.All])
            {
                on(type, context => scopes.RunAsync<THandler>(context, handler => handler.HandleAsync(context)));
            }
        });
    }

    /// <summary>Adds a handler for the events of one type of a subscription, by their payload.</summary>
    /// <typeparam name="THandler">It is added as a scoped service unless it is a service already.</typeparam>
    /// <typeparam name="TPayload">The payload, such as <see cref="MessageEvent"/>.</typeparam>
    /// <param name="subscription">The name of the subscription: its section under <c>Subscriptions</c>.</param>
    /// <returns>This builder.</returns>
    public VZapsBuilder AddEventHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, TPayload>(string subscription)
        where THandler : class, IEventHandler<TPayload>
        where TPayload : EventPayload
    {
        Services.TryAddScoped<THandler>();
        return Add(subscription, (on, scopes) =>
        {
            foreach (var type in EventPayloads.TypesOf<TPayload>())
            {
                on(type, context =>
                {
                    // Before the handler is made: what does not fit needs none.
                    var payload = context.Event.As<TPayload>();
                    return scopes.RunAsync<THandler>(context, handler => handler.HandleAsync(payload, context));
                });
            }
        });
    }

    /// <summary>Sets a subscription's options in code, after the configuration.</summary>
    /// <param name="subscription">The name of the subscription.</param>
    /// <param name="configure">Sets them.</param>
    /// <returns>This builder.</returns>
    public VZapsBuilder ConfigureSubscription(string subscription, Action<VZapsSubscriptionOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        Services.Configure(subscription, configure);
        return this;
    }

    /// <summary>
    /// Adds a callback for when the first connection of a subscription is open and before its first event is handled: to register <see cref="EventSubscription.OnError(Action{VZapsException})"/>,
    /// <see cref="EventSubscription.OnGap(Action{EventGap})"/> and the like. What it throws ends the subscription. Later, <see cref="VZapsSubscriptions"/> has the subscription.
    /// Where <see cref="VZapsSubscriptionOptions.Transport"/> is <see cref="EventTransport.Webhook"/> there is no connection, so it is not called; the log says so at the start.
    /// </summary>
    /// <param name="subscription">The name of the subscription, which has a handler.</param>
    /// <param name="callback">Is given the subscription and the host's services.</param>
    /// <returns>This builder.</returns>
    public VZapsBuilder OnSubscribed(string subscription, Action<EventSubscription, IServiceProvider> callback)
    {
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        ArgumentNullException.ThrowIfNull(callback);
        Services.AddKeyedSingleton(subscription, new SubscribedCallback(callback));
        return this;
    }

    private VZapsBuilder Add(string subscription, Action<Action<EventType, Func<EventContext, Task>>, EventScopes> register)
    {
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        Services.AddKeyedSingleton(subscription, new HandlerRegistration(register));
        if (Services.Any(service => service.IsKeyedService && service.ServiceType == typeof(SubscriptionMonitor) && Equals(service.ServiceKey, subscription)))
            return this;
        var monitor = new SubscriptionMonitor(subscription);
        Services.AddKeyedSingleton(subscription, monitor);
        Services.AddSingleton(monitor);
        Services.AddOptions<VZapsSubscriptionOptions>(subscription).ValidateOnStart();
        Services.AddSingleton<IHostedService>(services => new SubscriptionService(
            monitor, services, services.GetRequiredService<Microsoft.Extensions.Logging.ILogger<VZapsClient>>()));
        return this;
    }
}
