namespace VZaps;

/// <summary>What to subscribe to, and what to do when the connection ends. It is read once, when subscribing.</summary>
public sealed record EventSubscribeRequest
{
    /// <summary>The instance to watch. Required.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>The instance's token. Required.</summary>
    public string InstanceToken { get; init; } = "";

    /// <summary>The types to receive.</summary>
    /// <value>Null, empty or with <see cref="EventType.All"/>: those that the instance subscribes to.</value>
    public IReadOnlyList<EventType>? Events { get; init; }

    /// <summary>Whether to connect again when a connection ends or cannot be made.</summary>
    /// <value>Default true.</value>
    public bool Reconnect { get; init; } = true;

    /// <summary>
    /// How many tries to connect may fail one after the other before the subscription ends. A connection that stayed up for
    /// 10 s or brought an event starts the count anew.
    /// </summary>
    /// <value>Default null: no end; else 0 or more.</value>
    public int? MaxRetries { get; init; }

    /// <summary>
    /// The longest wait before the first of the tries. It doubles with each, up to 30 s, and each wait is a random part of
    /// it, so that the clients of a server that was restarted do not come all at once.
    /// </summary>
    /// <value>Default 1 s; 1 ms to 30 s.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Start after this event. It counts until the first event was handled; from then on the subscription resumes after
    /// what it handled, or, where the server keeps an exact account, with what that says is owed.
    /// </summary>
    /// <value>Default null: where the consumer stands.</value>
    public string? LastEventId { get; init; }

    /// <summary>The durable reading position to use: 1 to 64 of <c>a-z0-9._-</c>, the first a letter or digit.</summary>
    /// <value>Default null: <see cref="VZapsClientOptions.Consumer"/>.</value>
    public string? Consumer { get; init; }

    /// <summary>Whether a first connection that fails fails the subscribing, instead of being tried again as later ones are.</summary>
    /// <value>Default false.</value>
    public bool FailFast { get; init; }

    /// <summary>All but the token.</summary>
    public override string ToString() => $"{InstanceId} ({(Events is { Count: > 0 } ? string.Join(',', Events) : "subscribed events")})";
}
