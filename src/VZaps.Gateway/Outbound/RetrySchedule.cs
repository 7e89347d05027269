namespace VZaps.Gateway.Outbound;

/// <summary>When a failed attempt is followed by the next one. Pure; thread-safe.</summary>
/// <param name="waits">After the first attempt, after the second …; behind the last there is none.</param>
internal sealed class RetrySchedule(IReadOnlyList<TimeSpan> waits)
{
    // Only ever added: a server that asks for a pause gets all of it.
    private const double Jitter = 0.1;

    /// <summary>How often something is attempted at most.</summary>
    public int MaxAttempts => waits.Count + 1;

    /// <summary>When to try again; null where that was the last attempt.</summary>
    /// <param name="attempts">Attempts of the schedule so far, from 1.</param>
    /// <param name="now">When the last one ended.</param>
    /// <param name="retryAfter">What the other side asked for. It makes a wait longer and never shorter, or one that always says "in a second" would use up
    /// all attempts in ten; and not longer than the schedule's longest wait.</param>
    /// <param name="random">From 0 to 1.</param>
    public DateTimeOffset? Next(int attempts, DateTimeOffset now, TimeSpan? retryAfter, double random)
    {
        if (attempts >= MaxAttempts)
            return null;
        var wait = waits[attempts - 1];
        if (retryAfter is { } asked && asked > wait)
            wait = Min(asked, waits.Max());
        return now + wait + (wait * (Jitter * random));
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
