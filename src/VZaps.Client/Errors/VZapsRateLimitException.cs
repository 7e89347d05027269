namespace VZaps;

/// <summary>The server answered 429: too many calls or connections.</summary>
public sealed class VZapsRateLimitException : VZapsException
{
    /// <summary>A refusal without description.</summary>
    public VZapsRateLimitException()
    {
    }

    /// <summary>A refusal with its description.</summary>
    public VZapsRateLimitException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its description and what caused it.</summary>
    public VZapsRateLimitException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How long to wait before the next try; null where the server did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The server's stable code; null where it gave none.</summary>
    public string? ErrorCode { get; init; }
}
