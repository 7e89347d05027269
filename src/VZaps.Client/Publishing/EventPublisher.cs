using System.Net.Http.Headers;
using System.Text.Json;
using VZaps.Client.Auth;
using VZaps.Client.Configuration;
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
        if (request.InstanceToken is not null)
            OptionCheck.RequireCredential(nameof(request.InstanceToken), request.InstanceToken, nameof(request));
        var bodies = new List<PublishBody>(request.Events.Count);
        foreach (var item in request.Events)
            bodies.Add(Check(item, bodies.Count));
        var route = $"/instances/{Uri.EscapeDataString(request.InstanceId)}/events";
        if (request.File is { } file)
            return SendAsync(NewCall(route, bodies, file) with { InstanceToken = request.InstanceToken }, file.Source, cancellationToken);
        var call = new ApiCall(HttpMethod.Post, route, JsonSerializer.SerializeToUtf8Bytes(bodies, ClientJson.Default.ListPublishBody)) { InstanceToken = request.InstanceToken };
        return api.SendAsync(call, ClientJson.Default.PublishResult, cancellationToken);
    }

    private async Task<PublishResult> SendAsync(ApiCall call, FileSource file, CancellationToken cancellationToken)
    {
        file.BeginCall();
        try
        {
            return await api.SendAsync(call, ClientJson.Default.PublishResult, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            file.EndCall();
        }
    }

    private static ApiCall NewCall(string route, List<PublishBody> bodies, PublishFile file)
    {
        if (bodies.Count > 1)
            throw new ArgumentException($"A file goes with one event; there are {bodies.Count}.", nameof(file));
        if (!MediaTypeHeaderValue.TryParse(file.MimeType, out _))
            throw new ArgumentException($"'{file.MimeType}' is no type of a file; give one such as application/pdf.", nameof(file));
        if (!file.Content.CanRead)
            throw new ArgumentException("The stream of the file to publish is closed.", nameof(file));
        var json = JsonSerializer.SerializeToUtf8Bytes(bodies[0], ClientJson.Default.PublishBody);
        return new ApiCall(HttpMethod.Post, route, null) { NewContent = () => new EventFileForm(json, file), IsBodyWhole = () => file.Source.IsWhole };
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
