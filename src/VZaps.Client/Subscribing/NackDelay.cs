using VZaps.Client.Configuration;

namespace VZaps.Client.Subscribing;

/// <summary>
/// How long a failed event waits for its next delivery: the first delay, doubled with each delivery, under a ceiling. Up to a tenth is
/// added at random, so that events that failed together do not come back together.
/// </summary>
/// <remarks>As thread-safe as its source of randomness.</remarks>
internal sealed class NackDelay(TimeSpan first, Random random)
{
    private const double MaxJitter = 0.1;

    /// <param name="deliveryCount">Which delivery failed, from 1.</param>
    public TimeSpan After(int deliveryCount)
    {
        // 2^40 is over the ceiling for whatever is not zero to a millisecond; more would leave the range of the type.
        var doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(deliveryCount - 1, 0, 40));
        var limited = Math.Min(doubled, OptionCheck.LongestFailedEventDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(limited * (1 + (random.NextDouble() * MaxJitter)));
    }
}
