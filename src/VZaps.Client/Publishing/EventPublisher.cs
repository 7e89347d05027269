using System.Net.Http.Headers;
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
        var route = $"/instances/{Uri.EscapeDataString(request.InstanceId)}/events";
        var call = request.File is { } file
            ? NewCall(route, bodies, file)
            : new ApiCall(HttpMethod.Post, route, JsonSerializer.SerializeToUtf8Bytes(bodies, ClientJson.Default.ListPublishBody));
        return api.SendAsync(call with { InstanceToken = request.InstanceToken }, ClientJson.Default.PublishResult, cancellationToken);
    }

    private static ApiCall NewCall(string route, List<PublishBody> bodies, PublishFile file)
    {
        if (bodies.Count > 1)
            throw new ArgumentException($"A file goes with one event; there are {bodies.Count}.", nameof(file));
        if (!MediaTypeHeaderValue.TryParse(file.MimeType, out _))
            throw new ArgumentException($"'{file.MimeType}' is no type of a file; give one such as application/pdf.", nameof(file));
        var json = JsonSerializer.SerializeToUtf8Bytes(bodies[0], ClientJson.Default.PublishBody);
        var start = file.Content.CanSeek ? file.Content.Position : 0;
        return new ApiCall(HttpMethod.Post, route, null) { NewContent = () => new EventFileForm(json, file, start), CanBeSentAgain = file.Content.CanSeek };
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
