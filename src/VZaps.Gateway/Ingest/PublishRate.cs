using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest;

/// <summary>
/// Holds each instance to its rates (<c>Limits:PublishedEventsPerSecond</c>, <c>Limits:PublishedBytesPerSecond</c>).
/// A second's worth may come at once; a larger request is taken whole when nothing is owed, and then waited off.
/// Thread-safe.
/// </summary>
internal sealed class PublishRate(IOptions<LimitsOptions> limits, TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    // A clock that is put back must not make anybody wait for that long.
    private readonly long _start = time.GetTimestamp();

    // When, from the start, each instance will have paid for all that it published: one entry for an instance, so bounded by their number.
    private readonly ConcurrentDictionary<InstanceId, PaidAt> _instances = new();

    /// <summary>Takes a request, or refuses it.</summary>
    /// <param name="instance">Whose it is.</param>
    /// <param name="events">Its events.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <returns>What it was charged, for <see cref="Settle"/>.</returns>
    /// <exception cref="ProblemException">429, with the time after which it will be taken.</exception>
    public TakenRate Take(InstanceId instance, int events, long bytes)
    {
        var (perSecond, bytesPerSecond) = (limits.Value.PublishedEventsPerSecond, limits.Value.PublishedBytesPerSecond);
        if (perSecond == 0 && bytesPerSecond == 0)
            return default;
        var now = time.GetElapsedTime(_start);
        var paidAt = _instances.GetOrAdd(instance, static _ => new PaidAt());
        lock (paidAt)
        {
            Require(paidAt.Events - now, $"{perSecond} events a second (Limits:PublishedEventsPerSecond)");
            Require(paidAt.Bytes - now, $"{bytesPerSecond} bytes a second (Limits:PublishedBytesPerSecond)");
            paidAt.Events = Add(paidAt.Events, now, events, perSecond);
            paidAt.Bytes = Add(paidAt.Bytes, now, bytes, bytesPerSecond);
            return new TakenRate(instance, events, bytes, paidAt.Events, paidAt.Bytes);
        }
    }

    /// <summary>Sets right what a request was charged before it was read. What it had beyond that is owed, too; what it did not have is given back, as far as
    /// it has not been waited off.</summary>
    /// <param name="taken">What it was charged.</param>
    /// <param name="events">Events that it had; 0 for one that was refused.</param>
    /// <param name="bytes">Bytes that it had; 0 for one that was refused.</param>
    public void Settle(TakenRate taken, int events, long bytes)
    {
        // There is no limit.
        if (taken.Events == 0 || !_instances.TryGetValue(taken.Instance, out var paidAt))
            return;
        var (perSecond, bytesPerSecond) = (limits.Value.PublishedEventsPerSecond, limits.Value.PublishedBytesPerSecond);
        var now = time.GetElapsedTime(_start);
        lock (paidAt)
        {
            paidAt.Events = Settled(paidAt.Events, taken.EventsPaidAt, now, events - taken.Events, perSecond);
            paidAt.Bytes = Settled(paidAt.Bytes, taken.BytesPaidAt, now, bytes - taken.Bytes, bytesPerSecond);
        }
    }

    /// <summary>Refuses where the instance owes more bytes than it may, as those before it may have come to by now; charges nothing.</summary>
    /// <exception cref="ProblemException">429, as above.</exception>
    public void RequireBytes(InstanceId instance)
    {
        if (limits.Value.PublishedBytesPerSecond == 0 || !_instances.TryGetValue(instance, out var paidAt))
            return;
        lock (paidAt)
            Require(paidAt.Bytes - time.GetElapsedTime(_start), $"{limits.Value.PublishedBytesPerSecond} bytes a second (Limits:PublishedBytesPerSecond)");
    }

    private static void Require(TimeSpan owed, string limit)
    {
        if (owed >= Burst)
        {
            throw new Problem(429, "publish_rate_exceeded", $"The instance publishes more than {limit}. Nothing was stored; send it again after Retry-After.")
            {
                RetryAfter = owed - Burst + TimeSpan.FromMilliseconds(1),
            }.ToException();
        }
    }

    private static TimeSpan Add(TimeSpan paidAt, TimeSpan now, double amount, double perSecond) =>
        perSecond == 0 ? paidAt : (paidAt > now ? paidAt : now) + TimeSpan.FromSeconds(amount / perSecond);

    private static TimeSpan Settled(TimeSpan paidAt, TimeSpan takenPaidAt, TimeSpan now, double difference, double perSecond)
    {
        if (difference >= 0)
            return Add(paidAt, now, difference, perSecond);
        var owed = (takenPaidAt < paidAt ? takenPaidAt : paidAt) - now;
        if (perSecond == 0 || owed <= TimeSpan.Zero)
            return paidAt;
        var back = TimeSpan.FromSeconds(-difference / perSecond);
        return paidAt - (back < owed ? back : owed);
    }

    private sealed class PaidAt
    {
        public TimeSpan Events { get; set; }

        public TimeSpan Bytes { get; set; }
    }
}
