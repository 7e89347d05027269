using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Client.Testing.Delivery;
using VZaps.Client.Testing.Media;
using VZaps.Client.Testing.Wire;

namespace VZaps.Client.Testing;

/// <summary>
/// A gateway with one instance, inside your test: no process, no port. Clients that <see cref="NewClient"/> makes reach it through memory, and it speaks to them the
/// contract of the real one. It keeps everything until it is disposed; it does not measure retention, limits, or connections that end again and again.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class FakeGateway : IAsyncDisposable
{
    /// <summary>How long a wait of this class may take, in real time, whatever the clock.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly Uri Address = new("http://fake.invalid");

    private readonly FakeGatewayOptions _options;
    private readonly EventPump _pump;
    private readonly MediaShelf _shelf;
    private readonly FakeHandler _handler;
    private int _messages;

    /// <summary>A gateway with the default options.</summary>
    public FakeGateway()
        : this(new FakeGatewayOptions())
    {
    }

    /// <summary>A gateway.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public FakeGateway(FakeGatewayOptions options)
    {
        FakeGatewayOptions.Check(options);
        var instance = Protocol.InstanceId.New();
        (_options, InstanceId) = (options, instance.Value);
        _pump = new EventPump(instance, options);
        _shelf = new MediaShelf(Address, InstanceId, options.TimeProvider);
        _handler = new FakeHandler(this, _pump, _shelf, options);
    }

    /// <summary>The instance's id.</summary>
    public string InstanceId { get; }

    /// <summary>The instance's token.</summary>
    public string InstanceToken { get; } = "fake-instance-" + Guid.NewGuid().ToString("N");

    /// <summary>The account's public token.</summary>
    public string ClientToken { get; } = "fake-client-" + Guid.NewGuid().ToString("N");

    /// <summary>The account's secret.</summary>
    public string ClientSecret { get; } = "fake-secret-" + Guid.NewGuid().ToString("N");

    /// <summary>Answers HTTP calls other than tokens and handshakes, before the gateway itself does; null from it, and the gateway answers.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? OnRequest { get; set; }

    /// <summary>How many connections are open.</summary>
    public int Connections => _pump.Connections.Count;

    /// <summary>What takes the place of the network: for clients that you make yourself, as <see cref="VZapsClientOptions.HttpHandler"/>.</summary>
    public HttpMessageHandler Handler => _handler;

    internal string AccessToken { get; } = "fake-access-" + Guid.NewGuid().ToString("N");

    /// <summary>A client of this gateway, with its credentials and its clock.</summary>
    /// <param name="change">Changes the options before the client is made of them; null for no change.</param>
    public VZapsClient NewClient(Action<VZapsClientOptions>? change = null)
    {
        var options = new VZapsClientOptions();
        Configure(options);
        change?.Invoke(options);
        return new VZapsClient(options);
    }

    /// <summary>Makes options lead to this gateway: its credentials, its address, its clock, its handler in place of the network, and the consumer <c>default</c> where none is set.</summary>
    public void Configure(VZapsClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ClientToken = ClientToken;
        options.ClientSecret = ClientSecret;
        options.BaseUrl = Address;
        options.Consumer ??= Protocol.ConsumerName.Default; // else VZAPS_CONSUMER of the machine that runs the tests
        options.HttpHandler = _handler;
        options.TimeProvider = _options.TimeProvider;
    }

    /// <summary>A request for this gateway's instance that connects again at once (after at most a millisecond of the gateway's clock, doubled with each failure).</summary>
    public EventSubscribeRequest NewRequest() => new()
    {
        InstanceId = InstanceId,
        InstanceToken = InstanceToken,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>Appends an event to the log; who reads its type is sent it.</summary>
    /// <param name="type">One of the nine types.</param>
    /// <param name="data">The payload, a JSON object. Its <c>type</c> is added where it has none.</param>
    /// <returns>The event's id.</returns>
    /// <exception cref="ArgumentException">The type cannot be published, or the payload is no object.</exception>
    public string Publish(EventType type, JsonElement data)
    {
        if (!type.IsKnown)
            throw new ArgumentException($"'{type.Name}' cannot be published. Use one of: {EventType.Names}.", nameof(type));
        if (data.ValueKind != JsonValueKind.Object)
            throw new ArgumentException($"The data must be a JSON object; it is {data.ValueKind}.", nameof(data));
        return EventData.Append(_pump, type, null, data, null, out _).Id;
    }

    /// <inheritdoc cref="Publish(EventType, JsonElement)"/>
    public string Publish(EventType type, JsonObject data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Publish(type, data.ToJsonString());
    }

    /// <inheritdoc cref="Publish(EventType, JsonElement)"/>
    public string Publish(EventType type, string data)
    {
        using var json = JsonDocument.Parse(data);
        return Publish(type, json.RootElement);
    }

    /// <summary>Appends a text message as a phone's connection gives it.</summary>
    /// <param name="chat">The chat's address.</param>
    /// <param name="text">What was written.</param>
    /// <param name="isFromMe">Whether the instance's own account wrote it.</param>
    /// <returns>The event's id.</returns>
    public string PublishText(string chat, string text, bool isFromMe = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(chat);
        ArgumentNullException.ThrowIfNull(text);
        return Publish(EventType.Message, Message(chat, "text", isFromMe, new JsonObject { ["conversation"] = text }));
    }

    /// <summary>Makes a file, to be published with <see cref="PublishMedia"/>, or put into an event's data with <see cref="FakeMedia.AddTo"/>. Clients download it from this gateway.</summary>
    /// <param name="content">Its bytes, which are copied.</param>
    /// <param name="mimeType">Its type, such as <c>image/jpeg</c>, which it is served as.</param>
    /// <param name="fileName">Its name; null for none.</param>
    /// <param name="isPending">Whether the gateway is still to fetch it: until <see cref="FakeMedia.Store"/> or <see cref="FakeMedia.Fail"/>, who asks for it waits.</param>
    /// <exception cref="ArgumentException">The type is none.</exception>
    public FakeMedia AddMedia(byte[] content, string mimeType, string? fileName = null, bool isPending = false)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!MediaTypeHeaderValue.TryParse(mimeType, out _))
            throw new ArgumentException($"'{mimeType}' is no type of a file; give one such as image/jpeg.", nameof(mimeType));
        return new FakeMedia(_shelf, _shelf.Add(content, mimeType, fileName, "cloud", isPending));
    }

    /// <summary>Appends a message with a file as a phone's connection gives it: a picture, a video, a sound or a sticker by the file's type, and a document for all else.</summary>
    /// <param name="chat">The chat's address.</param>
    /// <param name="media">A file of this gateway.</param>
    /// <param name="caption">What was written under it; null for nothing.</param>
    /// <param name="isFromMe">Whether the instance's own account sent it.</param>
    /// <returns>The event's id.</returns>
    public string PublishMedia(string chat, FakeMedia media, string? caption = null, bool isFromMe = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(chat);
        ArgumentNullException.ThrowIfNull(media);
        var content = new JsonObject { ["mimetype"] = media.File.MimeType, ["fileLength"] = media.File.Content.LongLength };
        if (caption is not null)
            content["caption"] = caption;
        if (media.File.FileName is { } name)
            content["fileName"] = name;
        var member = media.File.MimeType.Split('/')[0] switch
        {
            "image" => media.File.MimeType.StartsWith("image/webp", StringComparison.Ordinal) ? "stickerMessage" : "imageMessage",
            "video" => "videoMessage",
            "audio" => "audioMessage",
            _ => "documentMessage",
        };
        return Publish(EventType.Message, media.AddTo(Message(chat, "media", isFromMe, new JsonObject { [member] = content }).ToJsonString()));
    }

    /// <summary>Delivers an event once more on every connection that takes its type, whatever became of it before, as at-least-once allows.</summary>
    /// <exception cref="ArgumentException">No event has that id.</exception>
    public void Redeliver(string eventId) => _pump.Redeliver(eventId);

    /// <summary>Cuts every connection without a word, as networks do.</summary>
    public void Cut() => ForEach(connection => connection.Cut());

    /// <summary>Closes every connection with a code: 1001 for a server that goes away, 4001 for a revoked credential.</summary>
    /// <param name="code">The WebSocket close code.</param>
    /// <param name="reason">The reason beside it.</param>
    public void Close(int code, string reason = "") => ForEach(connection => connection.Close(code, reason));

    /// <summary>Says to every connection of the extension that the server is about to restart.</summary>
    /// <param name="reconnectAfter">When it asks them to come back.</param>
    public void GoAway(TimeSpan reconnectAfter) => ForEach(connection =>
    {
        if (connection.IsExtended)
            connection.Enqueue(ServerFrameWriter.GoAway(reconnectAfter));
    });

    /// <summary>Says to every connection of the extension that retention removed events.</summary>
    /// <param name="events">How many.</param>
    public void ReportGap(long events) => ForEach(connection =>
    {
        if (connection.IsExtended)
            connection.Enqueue(ServerFrameWriter.Gap(events));
    });

    /// <summary>Refuses the next attempt to connect, before the upgrade.</summary>
    /// <param name="status">The HTTP status: 401, 429, 503 …</param>
    /// <param name="retryAfter">When to come back; null for nothing said.</param>
    public void RefuseNextConnection(int status, TimeSpan? retryAfter = null) => _handler.Refusals.Enqueue((status, retryAfter));

    /// <summary>What became of an event so far.</summary>
    /// <param name="eventId">The event.</param>
    /// <param name="consumer">With which consumer.</param>
    /// <exception cref="ArgumentException">No event has that id.</exception>
    public FakeEvent Find(string eventId, string consumer = "default") => _pump.View(eventId, consumer);

    /// <summary>Waits until the event is acked: handled without an exception.</summary>
    /// <param name="eventId">The event.</param>
    /// <param name="consumer">By which consumer.</param>
    /// <exception cref="TimeoutException">Within 10 s of real time it was not; the text says where it stands.</exception>
    public Task WaitAckedAsync(string eventId, string consumer = "default") => WaitForAsync(eventId, consumer, FakeEventState.Acked);

    /// <summary>Waits until the event is nacked: its handler threw, to a gateway of the extension.</summary>
    /// <inheritdoc cref="WaitAckedAsync(string, string)"/>
    public Task WaitNackedAsync(string eventId, string consumer = "default") => WaitForAsync(eventId, consumer, FakeEventState.Nacked);

    /// <summary>Waits until the event is a dead letter: rejected, or out of deliveries.</summary>
    /// <inheritdoc cref="WaitAckedAsync(string, string)"/>
    public Task WaitDeadLetteredAsync(string eventId, string consumer = "default") => WaitForAsync(eventId, consumer, FakeEventState.DeadLettered);

    /// <summary>Waits until so many connections are open.</summary>
    /// <exception cref="TimeoutException">Within 10 s of real time they were not.</exception>
    public async Task WaitConnectedAsync(int connections = 1)
    {
        if (!await IsMetAsync(() => _pump.Connections.Count == connections).ConfigureAwait(false))
            throw new TimeoutException($"After {Limit}, {Connections} connections are open, not {connections}.");
    }

    /// <summary>Cuts the connections and waits until they are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Cut();
        await _handler.AllEnded.ConfigureAwait(false);
        _pump.Dispose();
    }

    private JsonObject Message(string chat, string type, bool isFromMe, JsonObject content)
    {
        var info = new JsonObject
        {
            ["ID"] = $"3EB0{Interlocked.Increment(ref _messages):X16}",
            ["Chat"] = chat,
            ["Sender"] = chat,
            ["IsFromMe"] = isFromMe,
            ["IsGroup"] = chat.EndsWith("@g.us", StringComparison.Ordinal),
            ["Type"] = type,
            ["Timestamp"] = Rfc3339.ToText(_options.TimeProvider.GetUtcNow()),
        };
        return new JsonObject { ["event"] = new JsonObject { ["Info"] = info, ["Message"] = content } };
    }

    private async Task WaitForAsync(string eventId, string consumer, FakeEventState state)
    {
        if (!await IsMetAsync(() => _pump.View(eventId, consumer).State == state).ConfigureAwait(false))
            throw new TimeoutException($"After {Limit} the event is not {state} with {consumer}: {Find(eventId, consumer)}");
    }

    private async Task<bool> IsMetAsync(Func<bool> holds)
    {
        try
        {
            await _pump.WhenAsync(holds).WaitAsync(Limit).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void ForEach(Action<FakeConnection> act)
    {
        foreach (var connection in _pump.Connections)
            act(connection);
    }
}
