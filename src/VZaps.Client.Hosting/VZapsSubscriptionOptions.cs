namespace VZaps;

/// <summary>A subscription of the host: the section <c>Subscriptions:{name}</c> of the configuration, and what the code sets.</summary>
public sealed class VZapsSubscriptionOptions
{
    /// <summary>The instance to watch. Required.</summary>
    public string InstanceId { get; set; } = "";

    /// <summary>The instance's token. Required.</summary>
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
