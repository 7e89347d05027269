namespace VZaps.Protocol.Http;

/// <summary>The body of every 4xx and 5xx answer.</summary>
public sealed record ErrorAnswer
{
    /// <summary>The HTTP status.</summary>
    public int Code { get; init; }

    /// <summary>Always false.</summary>
    public bool Success { get; init; }

    /// <summary>A stable code for programs, such as <c>unknown_event_type</c>.</summary>
    public string? Error { get; init; }

    /// <summary>What is wrong and how to mend it, for people.</summary>
    public string? Message { get; init; }

    /// <summary>The place in the request's array or lines that was refused, from 0, where there is one.</summary>
    public int? Index { get; init; }
}
