namespace VZaps.Gateway.Delivery;

/// <summary>When an unacked event is sent again, and how often.</summary>
/// <param name="AckTimeout">How long the first delivery may stay unacked; each later one twice as long as the one before.</param>
/// <param name="MaxDeliveries">After so many deliveries an event is not sent again.</param>
internal readonly record struct DeliverySchedule(TimeSpan AckTimeout, int MaxDeliveries)
{
    /// <summary>How much a wait is lengthened at most, so that events sent together do not come back together.</summary>
    public const double MaxJitter = 0.1;

    /// <summary>No wait is longer, however often it was doubled.</summary>
    public static TimeSpan LongestWait { get; } = TimeSpan.FromDays(30);

    /// <summary>How long a delivery may stay unacked.</summary>
    /// <param name="deliveries">Which delivery it is, 1 and up.</param>
    /// <param name="jitter">0 to 1: how much of the jitter is added.</param>
    public TimeSpan Wait(int deliveries, double jitter) =>
        TimeSpan.FromTicks((long)Math.Min(LongestWait.Ticks, AckTimeout.Ticks * Math.Pow(2, deliveries - 1) * (1 + (MaxJitter * jitter))));
}
