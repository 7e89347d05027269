namespace VZaps.Gateway.Instances;

/// <summary>One WhatsApp connection, as it was at one moment.</summary>
internal sealed record Instance
{
    public required InstanceId Id { get; init; }

    /// <summary>The client token of the account that owns it.</summary>
    public required string Owner { get; init; }

    public required string Name { get; init; }

    /// <summary>Where events are posted to; null for nowhere.</summary>
    public string? Webhook { get; init; }

    /// <summary>What connections without a filter of their own are sent.</summary>
    public EventTypeSet SubscribedEvents { get; init; } = EventTypeSet.All;

    /// <summary>Whether its last <c>Connected</c> or <c>Disconnected</c> event was the former.</summary>
    public bool Connected { get; init; }

    /// <summary>The sequence of the event that <see cref="Connected"/> was taken from; 0 for none.</summary>
    public long ConnectedAsOf { get; init; }

    /// <summary>Grows with each new instance token; from 1.</summary>
    public int TokenVersion { get; init; } = 1;

    public required byte[] TokenHash { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoLabels;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public static IReadOnlyDictionary<string, string> NoLabels { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
