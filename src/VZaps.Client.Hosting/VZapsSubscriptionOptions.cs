namespace VZaps;

/// <summary>A subscription of the host: the section <c>Subscriptions:{name}</c> of the configuration, and what the code sets.</summary>
public sealed class VZapsSubscriptionOptions
{
    private readonly Lazy<EventSubscribeRequest> _request;

    /// <summary>The options of a subscription that takes its events over a connection.</summary>
    public VZapsSubscriptionOptions() => _request = new Lazy<EventSubscribeRequest>(NewRequest);

    /// <summary>How the events come: the handlers are the same.</summary>
    /// <value>Default <see cref="EventTransport.Realtime"/>.</value>
    public EventTransport Transport { get; set; }

    /// <summary>The secrets (<c>whsec_…</c>) of the webhook's endpoint, two while one takes the place of the other; in the configuration a list, or one text with commas.</summary>
    /// <value>Required where <see cref="Transport"/> is not <see cref="EventTransport.Realtime"/>.</value>
    public IList<string> WebhookSecrets { get; } = [];

    /// <summary>Webhook: how far the time of a post's signature may be from now.</summary>
    /// <value>Default 5 min; more than 0, up to 1 day.</value>
    public TimeSpan WebhookTolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Webhook: the largest body that is accepted.</summary>
    /// <value>Default 1,048,576 bytes, which is the largest event; 1,024 to 67,108,864.</value>
    public int WebhookMaxBodyBytes { get; set; } = 1_048_576;

    /// <summary>Webhook: how many events may still be with their handlers after the gateway has hung up, see <see cref="WebhookReceiverOptions.MaxUnheardHandlers"/>.</summary>
    /// <value>Default 100; 1 to 100,000.</value>
    public int WebhookMaxUnheardHandlers { get; set; } = 100;

    /// <summary>Webhook: how many results are kept of which nobody has heard, see <see cref="WebhookReceiverOptions.MaxUnheardResults"/>.</summary>
    /// <value>Default 10,000; 0 to 1,000,000.</value>
    public int WebhookMaxUnheardResults { get; set; } = 10_000;

    /// <summary>Webhook: how long such a result is kept.</summary>
    /// <value>Default 1 h; 1 s to 1 day.</value>
    public TimeSpan WebhookUnheardResultLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The instance to watch. Required, unless events come by webhook alone.</summary>
    public string InstanceId { get; set; } = "";

    /// <summary>The instance's token. Required, unless events come by webhook alone.</summary>
    public string InstanceToken { get; set; } = "";

    /// <summary>The types to receive over a connection; in the configuration a list, or one text with commas. Which are posted is set at the webhook's endpoint.</summary>
    /// <value>Empty: those that the instance subscribes to.</value>
    public IList<EventType> Events { get; } = [];

    /// <summary>The durable reading position to use. A webhook has none, and its handlers and its store find this name all the same.</summary>
    /// <value>Default null: <see cref="VZapsClientOptions.ResolveConsumer"/>; else 1 to 64 of <c>a-z0-9._-</c>, the first a letter or digit.</value>
    public string? Consumer { get; set; }

    /// <summary>How many tries to connect may fail one after the other before the subscription, and with it the host, ends.</summary>
    /// <value>Default null: no end; else 0 or more.</value>
    public int? MaxRetries { get; set; }

    /// <summary>The longest wait before the first of the tries; it doubles with each.</summary>
    /// <value>Default 1 s; 1 ms to 30 s.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many events of the connection may be with handlers at a time, those of one chat one after the other. Of a webhook the gateway decides, by the endpoint's order.</summary>
    /// <value>Default 1; 1 to 1,024.</value>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>How many events the consumer may be behind before the health check calls it degraded.</summary>
    /// <value>Default 1,000; 0 and up.</value>
    public long MaxLagEvents { get; set; } = 1_000;

    /// <summary>How old the oldest event that the consumer is behind may be before the health check calls it degraded.</summary>
    /// <value>Default 1 min; 0 and up.</value>
    public TimeSpan MaxLagTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the health check waits for the gateway to tell how far the consumer is behind; then it is degraded, as nobody knows.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Changes the request that was made of all this, for what has no key here: policies, stores. Called once, also where events come by both ways: a store that is made in it is the same for both. Of the
    /// request, a webhook uses <see cref="EventSubscribeRequest.Consumer"/>, <see cref="EventSubscribeRequest.ProcessedEvents"/> and <see cref="EventSubscribeRequest.HandlerRetry"/>.
    /// </summary>
    public Func<EventSubscribeRequest, EventSubscribeRequest>? Customize { get; set; }

    /// <summary>The request that was made of all this, when it was first asked for.</summary>
    internal EventSubscribeRequest Request => _request.Value;

    private EventSubscribeRequest NewRequest()
    {
        var request = new EventSubscribeRequest
        {
            InstanceId = InstanceId,
            InstanceToken = InstanceToken,
            Events = Events.Count > 0 ? [.. Events] : null,
            Consumer = Consumer,
            MaxRetries = MaxRetries,
            RetryDelay = RetryDelay,
            MaxConcurrency = MaxConcurrency,
        };
        return Customize?.Invoke(request) ?? request;
    }
}

/// <summary>How the events of a subscription of the host come.</summary>
public enum EventTransport
{
    /// <summary>Over a WebSocket connection that the host makes.</summary>
    Realtime,

    /// <summary>By posts of the gateway to a route of the host; no connection is made.</summary>
    Webhook,

    /// <summary>
    /// By both, so each event comes twice: <see cref="EventSubscribeRequest.ProcessedEvents"/> has to be set by <see cref="VZapsSubscriptionOptions.Customize"/>, which knows what came the other way. Without
    /// it the host does not start.
    /// </summary>
    Both,
}
