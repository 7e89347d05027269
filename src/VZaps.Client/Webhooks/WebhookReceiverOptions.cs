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

    /// <summary>Remembers which events were processed: the gateway posts an event again when it did not hear the answer, so every event may come twice.</summary>
    /// <value>Default null: handlers get an event as often as it comes.</value>
    public IProcessedEventStore? ProcessedEvents { get; init; }

    /// <summary>What handlers find as <see cref="EventContext.Consumer"/>, and the store as a part of its key: where a subscription has the same, what came by one way is known by the other.</summary>
    /// <value>Default <c>default</c>.</value>
    public string Consumer { get; init; } = "default";

    /// <summary>Is handed to the handlers: cancelled when the program can wait for them no longer. Not when the gateway hangs up: what it began is finished.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Where the log goes.</summary>
    /// <value>Default null: nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    // A record would print the secrets.
    /// <summary>All but the secrets.</summary>
    public override string ToString() => $"{Secrets.Count} secrets, {Consumer}";
}
