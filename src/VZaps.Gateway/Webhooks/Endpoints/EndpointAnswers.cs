using Microsoft.Extensions.Options;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>Says of endpoints how they are set and how they do. Thread-safe.</summary>
internal sealed class EndpointAnswers(InstanceDirectory instances, DeliveryStore deliveries, Lazy<IEventLog> log, IOptions<WebhookOptions> options)
{
    public async Task<EndpointAnswer> OfAsync(WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        var settings = endpoint.Settings;
        return new EndpointAnswer(
            endpoint.Name,
            settings.Url,
            Names(TypesOf(endpoint)),
            settings.IsEnabled,
            settings.Body == WebhookBodyKind.Data ? "data" : "envelope",
            EndpointHeaders.Hide(settings.Headers),
            settings.Order == WebhookOrder.Parallel ? "parallel" : "chat",
            settings.Secret.Reveal(),
            await StateOfAsync(endpoint, settings, cancellationToken),
            endpoint.CreatedAt);
    }

    /// <summary>The default endpoint of an instance that has none: every instance may be asked for it.</summary>
    public static EndpointAnswer NoDefault(Instance instance) => new(
        WebhookEndpoint.DefaultName, WebhookUrl: null, Names(instance.SubscribedEvents), Enabled: true, "data", EndpointSettings.NoHeaders, "parallel", Secret: null,
        new EndpointStateAnswer("no_url", DisabledReason: null, DisabledAt: null, FailingSince: null, DisablesAt: null, LastSuccessAt: null, Pending: 0, Missed: 0, OldestUndeliveredAt: null),
        CreatedAt: null);

    /// <summary>The types that an endpoint posts.</summary>
    public EventTypeSet TypesOf(WebhookEndpoint endpoint) =>
        endpoint.Settings.Types ?? (instances.TryGet(endpoint.Instance, out var instance) ? instance.SubscribedEvents : EventTypeSet.All);

    private async Task<EndpointStateAnswer> StateOfAsync(WebhookEndpoint endpoint, EndpointSettings settings, CancellationToken cancellationToken)
    {
        var (health, types) = (endpoint.Health, TypesOf(endpoint));
        var pending = await deliveries.CountPendingAsync(endpoint.Id, cancellationToken);
        var next = settings.Url is null ? null : log.Value.FindNext(endpoint.Instance, types, endpoint.Position);
        var oldest = await deliveries.OldestPendingAsync(endpoint.Id, cancellationToken) ?? next?.AppendedAt;
        return new EndpointStateAnswer(
            settings.Url is null ? "no_url" : !settings.IsEnabled ? "disabled" : health.FailingSince is null ? "active" : "failing",
            settings.DisabledReason,
            settings.DisabledAt,
            health.FailingSince,
            settings.IsEnabled ? health.FailingSince + options.Value.DisableAfter : null,
            health.LastSuccessAt,
            pending,
            settings.IsEnabled || settings.Url is null ? 0 : log.Value.Count(endpoint.Instance, types, endpoint.Position),
            oldest);
    }

    private static IReadOnlyList<string> Names(EventTypeSet types) => [.. types.Types().Select(type => type.Name)];
}
