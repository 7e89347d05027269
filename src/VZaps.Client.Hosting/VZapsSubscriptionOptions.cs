namespace VZaps;

/// <summary>A subscription of the host: the section <c>Subscriptions:{name}</c> of the configuration, and what the code sets.</summary>
public sealed class VZapsSubscriptionOptions
{
    /// <summary>How the events come: the handlers are the same.</summary>
    /// <value>Default <see cref="EventTransport.Realtime"/>.</value>
    public EventTransport Transport { get; set; }

    /// <summary>The secrets (<c>whsec_…</c>) of the webhook's endpoint, two while one takes the place of the other; in the configuration a list, or one text with commas.</summary>
    /// <value>Required where <see cref="Transport"/> is not <see cref="EventTransport.Realtime"/>.</value>
    public IList<string> WebhookSecrets { get; } = [];

    /// <summary>The instance to watch. Required, unless events come by webhook alone.</summary>
    public string InstanceId { get; set; } = "";

    /// <summary>The instance's token. Required, unless events come by webhook alone.</summary>
    public string InstanceToken { get; set; } = "";

    /// <summary>The types to receive; in the configuration a list, or one text with commas.</summary>
    /// <value>Empty: those that the instance subscribes to.</value>
    public IList<EventType> Events { get; } = [];

    /// <summary>The durable reading position to use.</summary>
    /// <value>Default null: <see cref="VZapsClientOptions.Consumer"/>.</value>
    public string? Consumer { get; set; }

    /// <summary>How many tries to connect may fail one after the other before the subscription, and with it the host, ends.</summary>
    /// <value>Default null: no end; else 0 or more.</value>
    public int? MaxRetries { get; set; }

    /// <summary>The longest wait before the first of the tries; it doubles with each.</summary>
    /// <value>Default 1 s; 1 ms to 30 s.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many events may be with handlers at a time, those of one chat one after the other.</summary>
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

    /// <summary>Changes the request that was made of all this, for what has no key here: policies, stores.</summary>
    public Func<EventSubscribeRequest, EventSubscribeRequest>? Customize { get; set; }

    internal EventSubscribeRequest ToRequest()
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

    /// <summary>By both, so each event comes twice: set <see cref="EventSubscribeRequest.ProcessedEvents"/> by <see cref="VZapsSubscriptionOptions.Customize"/>, which knows what came the other way.</summary>
    Both,
}
