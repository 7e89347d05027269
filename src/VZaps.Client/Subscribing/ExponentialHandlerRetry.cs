namespace VZaps;

/// <summary>Calls a handler that threw a few times more, after waits that double.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class ExponentialHandlerRetry : IHandlerRetryPolicy
{
    private readonly int _retries;
    private readonly TimeSpan _firstDelay;

    /// <summary>A policy.</summary>
    /// <param name="retries">How many calls may follow the first one in a delivery; 0 to 100.</param>
    /// <param name="firstDelay">The wait before the first of them; it doubles with each up to <see cref="Ceiling"/>. 0 to 1 min.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public ExponentialHandlerRetry(int retries, TimeSpan firstDelay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(retries, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstDelay, Ceiling);
        (_retries, _firstDelay) = (retries, firstDelay);
    }

    /// <summary>No wait is longer.</summary>
    /// <value>1 min.</value>
    public static TimeSpan Ceiling { get; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public TimeSpan? NextDelay(HandlerFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        if (failure.Attempt > _retries)
            return null;
        return TimeSpan.FromMilliseconds(Math.Min(_firstDelay.TotalMilliseconds * Math.Pow(2, failure.Attempt - 1), Ceiling.TotalMilliseconds));
    }
}
