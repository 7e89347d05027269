namespace VZaps.Gateway.Webhooks;

/// <summary>What came of one POST.</summary>
internal sealed record AttemptResult
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>The address that was called.</summary>
    public required string Url { get; init; }

    /// <summary>What was sent; values that the user set are hidden.</summary>
    public required IReadOnlyDictionary<string, string> RequestHeaders { get; init; }

    /// <summary>The status of the answer; null where there was none.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The first 4 KiB of the answer; null where there was none.</summary>
    public string? Response { get; init; }

    /// <summary>Why it was no success; null where it was one.</summary>
    public string? Error { get; init; }

    /// <summary>When the endpoint asked to be called again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsSuccess => HttpStatus is >= 200 and < 300;

    /// <summary>Whether the endpoint said that it wants nothing any more.</summary>
    public bool IsGone => HttpStatus == StatusCodes.Status410Gone;

    /// <summary>Whether the whole time for it went by without an answer.</summary>
    public bool IsTimeout { get; init; }
}
