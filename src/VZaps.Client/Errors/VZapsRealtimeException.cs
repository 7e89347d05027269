namespace VZaps;

/// <summary>
/// A realtime connection could not be made, ended, or brought something unreadable. <see cref="HandshakeStatus"/> is set where
/// the server refused to open it, <see cref="CloseCode"/> where it closed it.
/// </summary>
public sealed class VZapsRealtimeException : VZapsException
{
    /// <summary>An error without description.</summary>
    public VZapsRealtimeException()
    {
    }

    /// <summary>An error with its description.</summary>
    public VZapsRealtimeException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its description and what caused it.</summary>
    public VZapsRealtimeException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The WebSocket close code, such as 4001 for a revoked credential; null where there was no close frame.</summary>
    public int? CloseCode { get; init; }

    /// <summary>The HTTP status with which the connection was refused; null where it was not refused.</summary>
    public int? HandshakeStatus { get; init; }

    /// <summary>The server's stable code in its refusal; null where it gave none.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>How long to wait before the next try; null where the server did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
