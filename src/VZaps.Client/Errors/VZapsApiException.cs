namespace VZaps;

/// <summary>The server refused a call, or answered what is no answer to it.</summary>
public sealed class VZapsApiException : VZapsException
{
    /// <summary>A refusal without description.</summary>
    public VZapsApiException()
    {
    }

    /// <summary>A refusal with its description.</summary>
    public VZapsApiException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its description and what caused it.</summary>
    public VZapsApiException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The HTTP status.</summary>
    public int StatusCode { get; init; }

    /// <summary>The server's stable code, such as <c>unknown_event_type</c>; null where it gave none.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The place in a publish request that was refused, from 0; null where it is not about one.</summary>
    public int? Index { get; init; }

    /// <summary>How long to wait before the next try; null where the server did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
