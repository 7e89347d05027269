namespace VZaps;

/// <summary>
/// The policy of subscriptions that name none: exponential with full jitter, that is a random part of a limit that begins at the first delay, doubles with each
/// consecutive failure and stays under <see cref="Ceiling"/>.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ExponentialReconnectPolicy : IReconnectPolicy
{
    private readonly TimeSpan _firstDelay;
    private readonly int? _maxRetries;
    private readonly Random _random;

    /// <summary>A policy.</summary>
    /// <param name="firstDelay">The longest wait before the first of the tries; 0 and up.</param>
    /// <param name="maxRetries">How many may fail one after the other; null for no end.</param>
    public ExponentialReconnectPolicy(TimeSpan firstDelay, int? maxRetries = null)
        : this(firstDelay, maxRetries, Random.Shared)
    {
    }

    internal ExponentialReconnectPolicy(TimeSpan firstDelay, int? maxRetries, Random random) =>
        (_firstDelay, _maxRetries, _random) = (firstDelay, maxRetries, random);

    /// <summary>No wait is longer.</summary>
    /// <value>30 s.</value>
    public static TimeSpan Ceiling { get; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public TimeSpan? NextDelay(ReconnectAttempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (attempt.Number > _maxRetries)
            return null;
        // 2^40 first delays of a millisecond are over the ceiling; more would leave the range of the type.
        var doubled = _firstDelay.TotalMilliseconds * Math.Pow(2, Math.Clamp(attempt.Number - 1, 0, 40));
        return TimeSpan.FromMilliseconds(_random.NextDouble() * Math.Min(doubled, Ceiling.TotalMilliseconds));
    }
}
