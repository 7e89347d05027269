namespace VZaps.Client.Realtime;

/// <summary>
/// How long to wait before the next try: exponential with full jitter, that is a random part of a limit that begins at the
/// base, doubles with each consecutive failure and stays under the ceiling. A wait that the server asked for wins.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the loop that connects.</remarks>
internal sealed class ReconnectBackoff(TimeSpan baseDelay, Random random)
{
    public static TimeSpan Ceiling { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Failures since the last <see cref="Reset"/>.</summary>
    public int Failures { get; private set; }

    /// <summary>The connection held: what fails next is a first failure.</summary>
    public void Reset() => Failures = 0;

    /// <summary>Counts a failure and gives the wait before the try that follows it.</summary>
    /// <param name="retryAfter">What the server asked for. Up to one base delay is added, as it asks all its clients the same.</param>
    public TimeSpan NextDelay(TimeSpan? retryAfter)
    {
        var limit = Limit(Failures++);
        return retryAfter is { } asked ? asked + (random.NextDouble() * baseDelay) : random.NextDouble() * limit;
    }

    private TimeSpan Limit(int failuresBefore)
    {
        // 2^40 base delays of a millisecond are over the ceiling; more would leave the range of the type.
        var doubled = baseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failuresBefore, 40));
        return TimeSpan.FromMilliseconds(Math.Min(doubled, Ceiling.TotalMilliseconds));
    }
}
