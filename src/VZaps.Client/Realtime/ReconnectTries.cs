namespace VZaps.Client.Realtime;

/// <summary>The tries that failed one after the other, and what the policy says to the next. A wait that the server asked for wins.</summary>
/// <remarks>Not thread-safe: it belongs to the loop that connects.</remarks>
internal sealed class ReconnectTries(IReconnectPolicy policy, TimeSpan jitter, Random random, TimeProvider time)
{
    private long _firstFailedAt;

    /// <summary>Failures since the last <see cref="Reset"/>.</summary>
    public int Failures { get; private set; }

    /// <summary>The connection held: what fails next is a first failure.</summary>
    public void Reset() => Failures = 0;

    /// <summary>Counts a failure and gives the wait before the try that follows it; null for none.</summary>
    /// <param name="failure">What failed.</param>
    /// <param name="asked">The wait that the server asked for. Up to the jitter is added, as it asks all its clients the same.</param>
    public TimeSpan? Next(VZapsException failure, TimeSpan? asked)
    {
        if (Failures++ == 0)
            _firstFailedAt = time.GetTimestamp();
        var delay = policy.NextDelay(new ReconnectAttempt
        {
            Number = Failures,
            Elapsed = time.GetElapsedTime(_firstFailedAt),
            CloseCode = (failure as VZapsRealtimeException)?.CloseCode,
            HandshakeStatus = (failure as VZapsRealtimeException)?.HandshakeStatus,
            Reason = failure.Message,
            RetryAfter = asked,
            Failure = failure,
        });
        return delay is { } given ? Bounded(asked + (random.NextDouble() * jitter) ?? given) : null;
    }

    /// <summary>What timers take.</summary>
    private static TimeSpan Bounded(TimeSpan delay) => delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestDelay ? LongestDelay : delay;

    private static TimeSpan LongestDelay { get; } = TimeSpan.FromDays(1);
}
