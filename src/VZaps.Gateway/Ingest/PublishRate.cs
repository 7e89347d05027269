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
    /// <exception cref="ProblemException">429, with the time after which it will be taken.</exception>
    public void Take(InstanceId instance, int events, long bytes)
    {
        var (perSecond, bytesPerSecond) = (limits.Value.PublishedEventsPerSecond, limits.Value.PublishedBytesPerSecond);
        if (perSecond == 0 && bytesPerSecond == 0)
            return;
        var now = time.GetElapsedTime(_start);
        var paidAt = _instances.GetOrAdd(instance, static _ => new PaidAt());
        lock (paidAt)
        {
            Require(paidAt.Events - now, $"{perSecond} events a second (Limits:PublishedEventsPerSecond)");
            Require(paidAt.Bytes - now, $"{bytesPerSecond} bytes a second (Limits:PublishedBytesPerSecond)");
            paidAt.Events = Add(paidAt.Events, now, events, perSecond);
            paidAt.Bytes = Add(paidAt.Bytes, now, bytes, bytesPerSecond);
        }
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

    private sealed class PaidAt
    {
        public TimeSpan Events { get; set; }

        public TimeSpan Bytes { get; set; }
    }
}
