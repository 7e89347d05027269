using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VZaps.Client.Auth;
using VZaps.Client.Configuration;
using VZaps.Client.Http;
using VZaps.Client.Media;
using VZaps.Client.Publishing;
using VZaps.Client.Realtime;

namespace VZaps;

/// <summary>The way to a VZaps gateway, with one account's credentials. Make one and keep it.</summary>
/// <remarks>Thread-safe. Disposing it closes its subscriptions as <see cref="EventSubscription.CloseAsync"/> does.</remarks>
public sealed class VZapsClient : IAsyncDisposable
{
    private readonly HttpPipe _pipe;
    private readonly TokenSource _tokens;
    private readonly AuthorizedApi _api;

    /// <summary>A client. Nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each one.</exception>
    public VZapsClient(VZapsClientOptions options)
    {
        var settings = ClientSettings.From(options, Environment.GetEnvironmentVariable);
        _pipe = new HttpPipe(options);
        var transport = new ApiTransport(settings, _pipe.Calls);
        _tokens = new TokenSource(settings, transport);
        _api = new AuthorizedApi(settings, transport, _tokens);
        Auth = new VZapsAuth(_tokens);
        Instances = new VZapsInstances(_api);
        Webhooks = new VZapsWebhooks(_api);
        MediaAccess = MediaAccess.Of(settings, _pipe, _api);
        Media = new VZapsMedia(_api, MediaAccess);
        Events = new VZapsEvents(settings, new RealtimeConnector(settings, _pipe.Handler, _tokens), new EventPublisher(_api), MediaAccess);
    }

    /// <summary>The access token.</summary>
    public VZapsAuth Auth { get; }

    /// <summary>The account's instances.</summary>
    public VZapsInstances Instances { get; }

    /// <summary>The instances' webhooks and the logs of what was posted to them.</summary>
    public VZapsWebhooks Webhooks { get; }

    /// <summary>The files of the instances' events.</summary>
    public VZapsMedia Media { get; }

    /// <summary>Subscribing and publishing.</summary>
    public VZapsEvents Events { get; }

    /// <summary>With what files of events are fetched.</summary>
    internal MediaAccess MediaAccess { get; }

    /// <summary>Calls a route that this library does not wrap, with the account's credentials and with the retries and errors of every call.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="route">Begins with a slash, escaped, and may have a query; it is put behind the base address.</param>
    /// <param name="body">The JSON to send; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the server may have done what was asked.</param>
    /// <returns>The whole answer as it came; an undefined element for an empty one.</returns>
    /// <exception cref="VZapsException">The call failed; the type says why.</exception>
    public async Task<JsonElement> RequestAsync(HttpMethod method, string route, JsonNode? body, CancellationToken cancellationToken = default)
    {
        var call = NewCall(method, route, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()));
        var answer = await _api.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Length == 0)
            return default;
        try
        {
            return JsonDocument.Parse(answer).RootElement;
        }
        catch (JsonException unreadable)
        {
            throw new VZapsApiException($"{call.Name} gave an answer that is no JSON.", unreadable) { StatusCode = 200 };
        }
    }

    /// <summary>Calls a route without a body.</summary>
    /// <inheritdoc cref="RequestAsync(HttpMethod, string, JsonNode?, CancellationToken)"/>
    public Task<JsonElement> RequestAsync(HttpMethod method, string route, CancellationToken cancellationToken = default) =>
        RequestAsync(method, route, null, cancellationToken);

    /// <summary>Calls a route without a body, and reads its answer as a type of yours.</summary>
    /// <typeparam name="TAnswer">What the answer is read as.</typeparam>
    /// <param name="method">The HTTP method.</param>
    /// <param name="route">Begins with a slash, escaped, and may have a query; it is put behind the base address.</param>
    /// <param name="answerType">How it is read: of a <c>JsonSerializerContext</c> of yours, so that nothing needs reflection.</param>
    /// <param name="cancellationToken">Ends the wait; the server may have done what was asked.</param>
    /// <returns>The answer, out of its <c>{"code","success","data"}</c> where it has one; the default value for an empty one.</returns>
    /// <exception cref="VZapsException">The call failed, or the answer is no such type; the type says why.</exception>
    public async Task<TAnswer?> RequestAsync<TAnswer>(
        HttpMethod method, string route, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answerType);
        var call = NewCall(method, route, null);
        return _api.Read(call, await _api.SendAsync(call, cancellationToken).ConfigureAwait(false), answerType);
    }

    /// <summary>Calls a route with a body of a type of yours, and reads its answer as another.</summary>
    /// <typeparam name="TBody">What is sent.</typeparam>
    /// <typeparam name="TAnswer">What the answer is read as.</typeparam>
    /// <param name="method">The HTTP method.</param>
    /// <param name="route">Begins with a slash, escaped, and may have a query; it is put behind the base address.</param>
    /// <param name="body">What is sent as JSON.</param>
    /// <param name="bodyType">How it is written.</param>
    /// <param name="answerType">How the answer is read.</param>
    /// <param name="cancellationToken">Ends the wait; the server may have done what was asked.</param>
    /// <returns>The answer, out of its <c>{"code","success","data"}</c> where it has one; the default value for an empty one.</returns>
    /// <exception cref="VZapsException">The call failed, or the answer is no such type; the type says why.</exception>
    public async Task<TAnswer?> RequestAsync<TBody, TAnswer>(
        HttpMethod method, string route, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bodyType);
        ArgumentNullException.ThrowIfNull(answerType);
        var call = NewCall(method, route, JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        return _api.Read(call, await _api.SendAsync(call, cancellationToken).ConfigureAwait(false), answerType);
    }

    /// <summary>Closes the subscriptions, then what they were made with. Safe to call twice.</summary>
    public async ValueTask DisposeAsync()
    {
        await Events.CloseAllAsync().ConfigureAwait(false);
        _tokens.Dispose();
        _pipe.Dispose();
    }

    private static ApiCall NewCall(HttpMethod method, string route, byte[]? body)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentException.ThrowIfNullOrEmpty(route);
        return route[0] == '/' ? new ApiCall(method, route, body) : throw new ArgumentException($"'{route}' is no route: it must begin with a slash.", nameof(route));
    }
}
