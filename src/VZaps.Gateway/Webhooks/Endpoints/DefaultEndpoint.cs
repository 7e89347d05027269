using VZaps.Gateway.Instances;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary>The field <c>webhook</c> of instances. Thread-safe.</summary>
internal sealed class DefaultEndpoint(EndpointDirectory endpoints, InstanceDirectory instances, OutboundUrl urls) : IWebhookField
{
    public async Task<Instance> CreateAsync(Instance instance, CancellationToken cancellationToken)
    {
        var url = await urls.CheckAsync(instance.Webhook!, cancellationToken);
        return await endpoints.CreateInstanceAsync(instance, new EndpointRequest { WebhookUrl = url.OriginalString }, cancellationToken);
    }

    public async Task<Instance?> UpdateAsync(InstanceId id, Func<Instance, Instance> change, string? url, CancellationToken cancellationToken)
    {
        var request = new EndpointRequest { WebhookUrl = url };
        // Nothing to take away.
        if (request.Url is null && endpoints.Find(id, WebhookEndpoint.DefaultName) is null)
            return await instances.UpdateAsync(id, change, cancellationToken);
        if (request.Url is { } asked)
            request = new EndpointRequest { WebhookUrl = (await urls.CheckAsync(asked, cancellationToken)).OriginalString };
        return await endpoints.UpdateInstanceAsync(id, change, request, cancellationToken);
    }
}
