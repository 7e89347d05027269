namespace VZaps;

/// <summary>An event's file could not be had. The event is as it was. The text never contains the link, which is a credential.</summary>
public sealed class VZapsMediaException : VZapsException
{
    /// <summary>A failure without description.</summary>
    public VZapsMediaException()
    {
    }

    /// <summary>A failure with its description.</summary>
    public VZapsMediaException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its description and what caused it.</summary>
    public VZapsMediaException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal VZapsMediaException(MediaProblem problem, string message, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public MediaProblem Problem { get; init; }

    /// <summary>The server's stable code, such as <c>media_not_at_source</c>; null where it gave none.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>For <see cref="MediaProblem.StillPending"/>, how long to wait before the next try; null where the server did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For <see cref="MediaProblem.Gone"/>, whether the gateway said it, and not perhaps something on the way: what is there of the file is of no use any more.</summary>
    internal bool IsGoneForGood { get; init; }
}
