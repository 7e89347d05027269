namespace VZaps;

/// <summary>How a connection that had been open came to its end.</summary>
public sealed record ConnectionClosed
{
    /// <summary>The WebSocket close code: 1000 when this side closed it; null where the connection was cut without one.</summary>
    public int? CloseCode { get; init; }

    /// <summary>What the server gave as its reason, or what cut the connection; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether the subscription connects again.</summary>
    public bool WillReconnect { get; init; }
}
