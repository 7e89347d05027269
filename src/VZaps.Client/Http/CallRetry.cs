namespace VZaps.Client.Http;

/// <summary>
/// Whether and when a call is sent again by itself: where the server was not reached, or said that it cannot now, and only what does no harm twice. Waits are random parts of 0.2 s,
/// doubled with each try; one that the server asks for wins, and one that it asks for that is long is the caller's to wait.
/// </summary>
internal sealed class CallRetry(int maxRetries, Random random)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>A caller of an HTTP call does not expect to be held for longer.</summary>
    public static TimeSpan LongestWait { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait before the next try; null for none.</summary>
    /// <param name="call">The call.</param>
    /// <param name="retries">How many times it was sent again before.</param>
    /// <param name="refusal">What the server said; null where it was not reached.</param>
    public TimeSpan? NextDelay(ApiCall call, int retries, Refusal? refusal)
    {
        if (retries >= maxRetries || !call.CanBeSentAgain || !MayRepeat(call, refusal))
            return null;
        if (refusal?.RetryAfter is { } asked)
            return asked <= LongestWait ? asked : null;
        return random.NextDouble() * BaseDelay * Math.Pow(2, retries);
    }

    // With 429 the server did nothing, so anything may be sent again; but a limit that says no end is not knocked at.
    private static bool MayRepeat(ApiCall call, Refusal? refusal) => refusal?.Status switch
    {
        null or 502 or 503 or 504 => call.IsRepeatable,
        429 => refusal.RetryAfter is not null,
        _ => false,
    };
}
