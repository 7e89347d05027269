using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Delivery;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

/// <summary>
/// Random histories of a window beside the naive model. <c>VZAPS_HISTORIES=N</c> runs more of them; a failure names its seed,
/// and <c>VZAPS_HISTORY_SEED=S</c> runs that one again.
/// </summary>
public sealed class DeliveryWindowHistoryTests
{
    private const int Steps = 60;
    private static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_window_does_what_the_naive_model_does()
    {
        foreach (var seed in Histories.Seeds(5_000))
            Histories.Run(seed, RunHistory);
    }

    private static void RunHistory(Random random)
    {
        var time = new FakeTimeProvider();
        var (capacity, maxDeliveries, jitterSeed) = (random.Next(1, 9), random.Next(1, 6), random.Next());
        var window = new DeliveryWindow(capacity, new DeliverySchedule(AckTimeout, maxDeliveries), time, new Random(jitterSeed));
        var model = new WindowModel(AckTimeout, maxDeliveries, new Random(jitterSeed));
        var (now, next) = (TimeSpan.Zero, 1L);
        for (var step = 0; step < Steps; step++)
        {
            var sequence = model.Count > 0 && random.Next(8) > 0 ? model.Sequences[random.Next(model.Count)] : random.NextInt64(1, next + 2);
            switch (random.Next(12))
            {
                case < 3 when model.Count < capacity:
                    model.Open(next, now);
                    window.Open(next++, typeIndex: 0);
                    break;
                case 3 or 4:
                    Assert.Equal(model.Ack(sequence, now), window.TryAck(sequence));
                    break;
                case 5:
                    var delay = TimeSpan.FromSeconds(random.Next(0, 200));
                    Assert.Equal(model.Nack(sequence, delay, now), window.TryNack(sequence, delay));
                    break;
                case 6:
                    var extension = TimeSpan.FromSeconds(random.Next(0, 2_000));
                    Assert.Equal(model.Extend(sequence, extension, now), window.TryExtend(sequence, extension));
                    break;
                case 7 when random.Next(3) == 0:
                    Assert.Equal(model.Reject(sequence, now), window.TryReject(sequence, reason: null));
                    break;
                case 8 when random.Next(3) == 0:
                    var acked = new List<long>();
                    window.AckUpTo(sequence, acked);
                    Assert.Equal(model.AckUpTo(sequence, now), acked);
                    break;
                default:
                    var passed = random.Next(4) switch
                    {
                        0 => TimeSpan.FromTicks(random.Next(3)),
                        1 => TimeSpan.FromSeconds(random.Next(700)),
                        _ => TimeSpan.FromSeconds(random.Next(40)),
                    };
                    time.Advance(passed);
                    now += passed;
                    break;
            }

            TakeDue(window, model, now);
            Assert.Equal(model.Sequences, window.Snapshot().Select(open => open.Sequence));
            Assert.Equal(capacity - model.Count, window.Room);
            Assert.InRange(window.Room, 0, capacity);
        }
    }

    private static void TakeDue(DeliveryWindow window, WindowModel model, TimeSpan now)
    {
        var due = new List<DueDelivery>();
        window.TakeDue(due, int.MaxValue);
        var (again, dead) = model.TakeDue(now);
        Assert.Equal(again, due.Where(delivery => delivery.Death is null).Select(delivery => (delivery.Sequence, delivery.Deliveries)));
        Assert.Equal(dead, due.Where(delivery => delivery.Death is not null).Select(delivery => delivery.Sequence));
        foreach (var sequence in dead)
        {
            model.Bury(sequence, now);
            Assert.True(window.CloseDead(sequence));
        }
    }
}
