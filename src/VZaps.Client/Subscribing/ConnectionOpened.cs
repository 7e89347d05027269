namespace VZaps;

/// <summary>A connection that is open, as far as the server introduced it.</summary>
public sealed record ConnectionOpened
{
    /// <summary>The consumer as which it reads. From the server where it said so, else as it was asked for.</summary>
    public string Consumer { get; init; } = "";

    /// <summary>Whether the server agreed to the extension <c>vzaps.ext.1</c>. Without it, what follows is null.</summary>
    public bool IsExtended { get; init; }

    /// <summary>The server's id of the connection, for its logs and its list of consumers; null where it did not say.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>How many live connections the consumer has, this one included; null where the server did not say.</summary>
    public int? ConsumerConnections { get; init; }

    /// <summary>The id after which it reads; null where the server did not say, or where that is the log's beginning.</summary>
    public string? ResumedAfter { get; init; }

    /// <summary>How many events waited for it when it opened; null where the server did not say.</summary>
    public long? Lag { get; init; }

    /// <summary>How many events the server sends ahead of their acks, 0 for no limit; null where it did not say.</summary>
    public int? Window { get; init; }

    /// <summary>After how long the server sends an event again that was not acked; null where it did not say.</summary>
    public TimeSpan? AckTimeout { get; init; }
}
