using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>Where retention was faster than a reader: said in the log, in a metric and at the consumer, in every case.</summary>
internal sealed partial class GapNotice(DeliveryMetrics metrics, TimeProvider time, ILogger<GapNotice> logger)
{
    /// <summary>The gap between where a reader stood and the oldest retained event; null where nothing is missing.</summary>
    /// <param name="after">The last sequence that it had read.</param>
    /// <param name="firstRetained">The oldest retained event's.</param>
    /// <param name="owedLost">Events at or below <paramref name="after"/> that are lost with it.</param>
    public Gap? Between(long after, long firstRetained, int owedLost)
    {
        var missed = Math.Max(0, firstRetained - 1 - after) + owedLost;
        return missed == 0 ? null : new Gap(after, firstRetained, missed, time.GetUtcNow());
    }

    /// <summary>Says it.</summary>
    public void Note(InstanceId instance, string name, Consumer? consumer, Gap gap)
    {
        consumer?.NoteGap(gap);
        metrics.Gap(gap.Events);
        LogGap(logger, name, instance, gap.Events);
    }

    [LoggerMessage(2104, LogLevel.Warning, "Consumer {Consumer} of {InstanceId} missed up to {Events} events that retention removed. "
        + "Raise Log:RetentionAge or the byte limits beside it, or find out why it lagged.")]
    private static partial void LogGap(ILogger logger, string consumer, InstanceId instanceId, long events);
}
