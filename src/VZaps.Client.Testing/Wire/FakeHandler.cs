using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using VZaps.Client.Testing.Delivery;
using VZaps.Client.Testing.Media;

namespace VZaps.Client.Testing.Wire;

/// <summary>Answers a client's calls and handshakes in place of the network.</summary>
internal sealed class FakeHandler(FakeGateway gateway, EventPump pump, MediaShelf shelf, FakeGatewayOptions options) : HttpMessageHandler
{
    private readonly ConcurrentDictionary<FakeConnection, Task> _running = new();
    private readonly MediaRoutes _media = new(shelf, pump, gateway.InstanceId);

    /// <summary>What the next handshakes get instead of a connection.</summary>
    public ConcurrentQueue<(int Status, TimeSpan? RetryAfter)> Refusals { get; } = new();

    public Task AllEnded => Task.WhenAll(_running.Values);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (path.EndsWith("/token", StringComparison.Ordinal) && request.Method == HttpMethod.Post && !path.Contains("/instances/", StringComparison.Ordinal))
            return await TokenAsync(request, cancellationToken).ConfigureAwait(false);
        if (path.EndsWith("/events/ws", StringComparison.Ordinal))
            return Connect(request);
        if (gateway.OnRequest?.Invoke(request) is { } own)
            return own;
        if (path == $"/instances/{gateway.InstanceId}/events" && request.Method == HttpMethod.Post)
            return await PublishAsync(request, cancellationToken).ConfigureAwait(false);
        if (path == $"/instances/{gateway.InstanceId}/consumers" && request.Method == HttpMethod.Get)
            return FakeAnswer.Json(HttpStatusCode.OK, $$"""{"code":200,"success":true,"data":{{pump.ConsumersJson()}}}""");
        if (await _media.AnswerAsync(request, MayCall(request), cancellationToken).ConfigureAwait(false) is { } answer)
            return answer;
        return FakeAnswer.Refuse(HttpStatusCode.NotFound, "not_found", $"The fake gateway has no route {request.Method} {path}. Answer it with {nameof(FakeGateway.OnRequest)}.");
    }

    private async Task<HttpResponseMessage> TokenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return body.Contains($"\"{gateway.ClientToken}\"", StringComparison.Ordinal) && body.Contains($"\"{gateway.ClientSecret}\"", StringComparison.Ordinal)
            ? FakeAnswer.Json(HttpStatusCode.OK, $$"""{"access_token":"{{gateway.AccessToken}}","token_type":"Bearer","expires_in":3600}""")
            : FakeAnswer.Refuse(HttpStatusCode.Unauthorized, "invalid_credentials", "Wrong client token or secret.");
    }

    private async Task<HttpResponseMessage> PublishAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!MayCall(request))
            return FakeAnswer.Refuse(HttpStatusCode.Unauthorized, "invalid_token", "Neither the account's access token nor the instance's token.");
        if (request.Content is MultipartFormDataContent form)
            return await PublishedForm.AnswerAsync(form, pump, shelf, cancellationToken).ConfigureAwait(false);
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return PublishedBody.Append(pump, body, out _);
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The client's WebSocket owns its end of the line.")]
    private HttpResponseMessage Connect(HttpRequestMessage request)
    {
        if (Refusals.TryDequeue(out var refusal))
        {
            var refused = FakeAnswer.Refuse((HttpStatusCode)refusal.Status, "refused", "Refused by the test.");
            refused.Headers.RetryAfter = refusal.RetryAfter is { } wait ? new RetryConditionHeaderValue(wait) : null;
            return refused;
        }

        var query = new RequestQuery(request.RequestUri!);
        if (!IsOwner(request) && Header(request, "X-Client-Token") != gateway.ClientToken)
            return FakeAnswer.Refuse(HttpStatusCode.Unauthorized, "invalid_token", "Neither the account's access token nor its client token.");
        if (query["instance_id"] != gateway.InstanceId)
            return FakeAnswer.Refuse(HttpStatusCode.NotFound, "no_such_instance", "The fake gateway has one instance, and it is another.");
        if (Header(request, "X-Instance-Token") != gateway.InstanceToken)
            return FakeAnswer.Refuse(HttpStatusCode.Unauthorized, "invalid_instance_token", "Wrong instance token.");
        if (!TryReadTypes(query, out var types, out var wrong))
            return FakeAnswer.Refuse(HttpStatusCode.BadRequest, "unknown_event_type", $"'{wrong}' is not an event type. Use one of: {EventType.Names}, All.");
        int? start = null;
        if (query["last_event_id"] is { } cursor && (start = pump.Resolve(cursor)) is null)
            return FakeAnswer.Refuse(HttpStatusCode.BadRequest, "unknown_cursor", "That id was never this instance's.");
        var handshake = new Handshake(query["consumer"] ?? InPath(request.RequestUri!) ?? ConsumerName.Default, types, start, options.AgreesToExtension && Offers(request));
        var (near, far) = DuplexStream.NewPair();
        var connection = new FakeConnection(far, handshake, options);
        // Before the answer: what is published after the client saw it reaches it.
        pump.Attach(connection);
        _running[connection] = Task.Run(() => connection.RunAsync(pump), CancellationToken.None);
        return Agree(request, near, handshake);
    }

    [SuppressMessage("Security", "CA5350", Justification = "The WebSocket handshake is made so.")]
    private HttpResponseMessage Agree(HttpRequestMessage request, Stream line, Handshake handshake)
    {
        const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        var answer = new HttpResponseMessage(HttpStatusCode.SwitchingProtocols) { Content = new UpgradedContent(line), RequestMessage = request };
        answer.Headers.Connection.Add("Upgrade");
        answer.Headers.Upgrade.Add(new ProductHeaderValue("websocket"));
        answer.Headers.Add("Sec-WebSocket-Accept", Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Header(request, "Sec-WebSocket-Key") + HandshakeGuid))));
        answer.Headers.Date = options.TimeProvider.GetUtcNow();
        if (handshake.IsExtended)
            answer.Headers.Add("Sec-WebSocket-Protocol", ExtensionProtocol.Name);
        return answer;
    }

    /// <summary>Whether it comes from the account, or with the instance's token.</summary>
    private bool MayCall(HttpRequestMessage request) => IsOwner(request) || Header(request, "X-Instance-Token") == gateway.InstanceToken;

    private bool IsOwner(HttpRequestMessage request) => request.Headers.Authorization is { Scheme: "Bearer" } bearer && bearer.Parameter == gateway.AccessToken;

    private static bool TryReadTypes(RequestQuery query, out HashSet<EventType> types, out string? wrong)
    {
        types = [];
        wrong = null;
        foreach (var name in query.All("events").SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!EventType.TryParseKnown(name, out var type))
            {
                wrong = name;
                return false;
            }

            types.Add(type);
        }

        if (types.Count == 0 || types.Contains(EventType.All))
            types = [.. EventType.Known];
        return true;
    }

    private static bool Offers(HttpRequestMessage request) =>
        Header(request, "Sec-WebSocket-Protocol")?.Split(',', StringSplitOptions.TrimEntries).Contains(ExtensionProtocol.Name) == true;

    private static string? InPath(Uri address)
    {
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts is [.., "consumers", var name, "events", "ws"] ? name : null;
    }

    private static string? Header(HttpRequestMessage request, string name) => request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
