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

    /// <summary>Decides after a failure whether there is another try, and when, in place of <see cref="MaxRetries"/> and <see cref="RetryDelay"/>.</summary>
    /// <value>
    /// Default null: an <see cref="ExponentialReconnectPolicy"/> of these two. <see cref="RetryDelay"/> is also what is added at most, at random, to a wait that the server
    /// asked for, and the first of the waits after a <c>goaway</c>.
    /// </value>
    public IReconnectPolicy? ReconnectPolicy { get; init; }

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

    /// <summary>
    /// How many events may be with their handlers at a time. Those of one <see cref="PartitionKey"/> are handled one after the other in any case. It does not concern
    /// <see cref="VZapsEvents.StreamAsync"/>, where whoever pulls decides.
    /// </summary>
    /// <value>Default 1: all events one after the other, in the order of the log; 1 to 1,024.</value>
    public int MaxConcurrency { get; init; } = 1;

    /// <summary>
    /// Which events must be handled one after the other where <see cref="MaxConcurrency"/> is more than 1: those for which it gives the same text. Those
    /// for which it gives null or nothing are one partition, too; give the event's id where no order matters.
    /// </summary>
    /// <value>
    /// Default null: the chat, as the event's payload has it. Events without a chat (connections, history) are one partition.
    /// It runs on the loop that reads, so it must be fast; one that throws puts its event with those that have no key.
    /// </value>
    public Func<VZapsEvent, string?>? PartitionKey { get; init; }

    /// <summary>Whether a handler that threw is called again at once, before its event is given back to the server. Handlers only.</summary>
    /// <value>Default null: it is given back, and comes again after <see cref="VZapsClientOptions.FailedEventDelay"/>.</value>
    public IHandlerRetryPolicy? HandlerRetry { get; init; }

    /// <summary>Remembers what was processed, so that an event that comes again does not reach the handlers twice. One may serve many subscriptions.</summary>
    /// <value>Default null: off. The subscription itself remembers at least the last 16,384 events that it handled.</value>
    public IProcessedEventStore? ProcessedEvents { get; init; }

    /// <summary>Keeps the position over restarts of the program, beside the server's. One may serve many subscriptions.</summary>
    /// <value>
    /// Default null: off, as the server keeps one for each consumer. Not with a consumer that has a name, save <c>ephemeral</c>. Without effect on the start where <see cref="LastEventId"/> is given.
    /// </value>
    public ICursorStore? CursorStore { get; init; }

    /// <summary>All but the token.</summary>
    public override string ToString() => $"{InstanceId} ({(Events is { Count: > 0 } ? string.Join(',', Events) : "subscribed events")})";
}
