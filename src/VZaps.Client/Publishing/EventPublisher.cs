using System.Text.Json;
using VZaps.Client.Auth;
using VZaps.Client.Http;

namespace VZaps.Client.Publishing;

/// <summary>Checks and sends publish requests.</summary>
internal sealed class EventPublisher(AuthorizedApi api)
{
    public Task<PublishResult> PublishAsync(EventPublishRequest request, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(request.InstanceId, nameof(request));
        if (request.Events.Count == 0)
            throw new ArgumentException("There is no event to publish.", nameof(request));
        var bodies = new List<PublishBody>(request.Events.Count);
        foreach (var item in request.Events)
            bodies.Add(Check(item, bodies.Count));
        var call = new ApiCall(
            HttpMethod.Post,
            $"/instances/{Uri.EscapeDataString(request.InstanceId)}/events",
            JsonSerializer.SerializeToUtf8Bytes(bodies, ClientJson.Default.ListPublishBody))
        {
            InstanceToken = request.InstanceToken,
        };
        return api.SendAsync(call, ClientJson.Default.PublishResult, cancellationToken);
    }

    private static PublishBody Check(PublishEvent item, int index)
    {
        if (item.Type.Name.Length == 0 || item.Type == EventType.All)
            throw new ArgumentException($"Events[{index}] has no type that can be published. Use one of: {EventType.Names}.", nameof(item));
        if (item.Data.ValueKind != JsonValueKind.Object)
            throw new ArgumentException($"Events[{index}].Data must be a JSON object; it is {item.Data.ValueKind}.", nameof(item));
        return new PublishBody(item.Type, item.Data, item.CreatedAt is { } time ? Rfc3339.ToText(time) : null, item.IdempotencyKey);
    }
}
