namespace VZaps;

/// <summary>The instance's connection to WhatsApp is up.</summary>
public sealed record ConnectedEvent : EventPayload;

/// <summary>The instance's connection to WhatsApp is down.</summary>
public sealed record DisconnectedEvent : EventPayload
{
    /// <summary>Why, as the source put it: a word or a number; null where it did not say.</summary>
    public string? Reason { get; init; }
}
