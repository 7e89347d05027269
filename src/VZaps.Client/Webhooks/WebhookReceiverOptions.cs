using Microsoft.Extensions.Logging;

namespace VZaps;

/// <summary>What a <see cref="WebhookReceiver"/> is made of.</summary>
public sealed record WebhookReceiverOptions
{
    /// <summary>The endpoint's secrets (<c>whsec_…</c>). At least one; two while one takes the place of the other, in any order.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>How far the time of the signature may be from now.</summary>
    /// <value>Default 5 min; more than 0, up to 1 day.</value>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The largest body that is accepted.</summary>
    /// <value>Default 1,048,576 bytes, which is the largest event; 1,024 to 67,108,864.</value>
    public int MaxBodyBytes { get; init; } = 1_048_576;

    /// <summary>
    /// How many events may still be with their handlers after the gateway has hung up on their posts, as it does after 15 s. When so many are, posts of other events are answered with 503 and
    /// <c>Retry-After</c>, so that handlers that hang are not added to without end.
    /// </summary>
    /// <value>Default 100; 1 to 100,000.</value>
    public int MaxUnheardHandlers { get; init; } = 100;

    /// <summary>
    /// How many results are kept of which nobody has heard: the handlers of an event finished, or rejected it, after the gateway had hung up. Its next post is answered with the result, and no handler is
    /// called again. What failed is not kept: its next post is there to try it again. For 30 s after it was answered first the result is answered again, as an answer may be lost on its way; then it is forgotten, so that a delivery that
    /// is retried by hand is handled. What somebody has heard who had not hung up is not kept.
    /// </summary>
    /// <value>Default 10,000, at some 300 bytes each; 0 to 1,000,000. Beyond it the oldest is forgotten.</value>
    public int MaxUnheardResults { get; init; } = 10_000;

    /// <summary>How long such a result is kept.</summary>
    /// <value>Default 1 h, which is longer than the first three waits of the gateway's retry schedule (5 s, 5 min, 30 min); 1 s to 1 day.</value>
    public TimeSpan UnheardResultLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the handlers of an event may run before the log warns of them. They are not cut off.</summary>
    /// <value>Default 1 h; 0 for no warning, up to 1 day.</value>
    public TimeSpan MaxHandlerTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long <see cref="WebhookReceiver.CloseAsync"/> waits for the handlers that run; after that their token is cancelled.</summary>
    /// <value>Default 30 s; 0 to 1 h.</value>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a handler that threw is called again at once, before its post is answered with 500.</summary>
    /// <value>Default null: the gateway's schedule alone decides. Where waits and handlers take longer than 15 s together, the next post of the event waits for them, too.</value>
    public IHandlerRetryPolicy? HandlerRetry { get; init; }

    /// <summary>Remembers which events were processed: the gateway posts an event again when it did not hear the answer, so every event may come twice.</summary>
    /// <value>Default null: handlers get an event as often as it comes.</value>
    public IProcessedEventStore? ProcessedEvents { get; init; }

    /// <summary>What handlers find as <see cref="EventContext.Consumer"/>, and the store as a part of its key: where a subscription has the same, what came by one way is known by the other.</summary>
    /// <value>Default <c>default</c>; 1 to 64 of <c>a-z0-9._-</c>, the first a letter or digit. <see cref="VZapsClientOptions.ResolveConsumer"/> gives the one of a client's subscriptions.</value>
    public string Consumer { get; init; } = "default";

    /// <summary>
    /// With what <see cref="VZapsEvent.Media"/> of the events is fetched: its waits and limits are the client's, and a link that was refused is renewed with the client's credentials, which go
    /// to its <see cref="VZapsClientOptions.BaseUrl"/> alone. It is not disposed.
    /// </summary>
    /// <value>Default null: files are fetched with the defaults of <see cref="VZapsClientOptions"/>, and links are not renewed.</value>
    public VZapsClient? Client { get; init; }

    /// <summary>Where the log goes.</summary>
    /// <value>Default null: nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    // A record would print the secrets.
    /// <summary>All but the secrets.</summary>
    public override string ToString() => $"{Secrets.Count} secrets, {Consumer}";
}
