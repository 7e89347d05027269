namespace VZaps;

/// <summary>Decides after a connection failed or ended whether there is another, and when.</summary>
/// <remarks>
/// It is asked by one subscription at a time, on the loop that connects, so it must be fast and must not throw: one that throws ends the subscription. It is not asked after a
/// failure that cannot heal (a credential refused or revoked, an instance deleted), nor for <c>goaway</c>, which is no failure; and a wait that the server
/// asked for (<c>Retry-After</c>) wins over the one that it gives.
/// </remarks>
public interface IReconnectPolicy
{
    /// <summary>How long to wait before the next try, from 0; null for no further try, which ends the subscription.</summary>
    TimeSpan? NextDelay(ReconnectAttempt attempt);
}

/// <summary>What a <see cref="IReconnectPolicy"/> decides by.</summary>
public sealed record ReconnectAttempt
{
    /// <summary>
    /// Which try this would be, from 1: how many failed one after the other. A connection that stayed up for 10 s or brought an event starts the count anew.
    /// </summary>
    public required int Number { get; init; }

    /// <summary>The time since the first of those failures.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The WebSocket close code with which the server ended the connection; null where there was none.</summary>
    public int? CloseCode { get; init; }

    /// <summary>The HTTP status with which the connection was refused; null where it was not refused.</summary>
    public int? HandshakeStatus { get; init; }

    /// <summary>What went wrong, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>The wait that the server asked for, and that wins; null where it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What went wrong.</summary>
    public required VZapsException Failure { get; init; }
}
