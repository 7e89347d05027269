using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Delivery;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

public sealed class DeliveryWindowTests
{
    private const byte Message = 0;
    private static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OneTick = TimeSpan.FromTicks(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_full_window_has_no_room_until_one_of_its_events_is_acked()
    {
        var window = New(capacity: 2);
        window.Open(1, Message);
        window.Open(2, Message);
        Assert.Equal(0, window.Room);
        Assert.Throws<InvalidOperationException>(() => window.Open(3, Message));

        Assert.True(window.TryAck(2));

        Assert.Equal(1, window.Room);
    }

    [Fact]
    public void An_event_is_acked_once_and_is_out_once()
    {
        var window = New();
        window.Open(1, Message);
        Assert.Throws<InvalidOperationException>(() => window.Open(1, Message));
        Assert.True(window.TryAck(1));
        Assert.False(window.TryAck(1));
    }

    [Fact]
    public void A_delivery_is_due_again_when_the_ack_timeout_has_passed_and_not_before()
    {
        var window = New();
        window.Open(1, Message);
        _time.Advance(AckTimeout - OneTick);
        Assert.Empty(Due(window));
        _time.Advance(OneTick);
        Assert.Equal([new DueDelivery(1, Message, IsReplay: false, Deliveries: 2, Death: null)], Due(window));
    }

    [Fact]
    public void Each_wait_is_twice_the_one_before()
    {
        var window = New();
        window.Open(1, Message);
        foreach (var factor in (int[])[1, 2, 4, 8])
        {
            _time.Advance((AckTimeout * factor) - OneTick);
            Assert.Empty(Due(window));
            _time.Advance(OneTick);
            Assert.Single(Due(window));
        }
    }

    [Fact]
    public void Jitter_adds_a_tenth_at_most_and_takes_nothing_off()
    {
        var schedule = new DeliverySchedule(AckTimeout, MaxDeliveries: 5);
        Assert.Equal(AckTimeout, schedule.Wait(1, jitter: 0));
        Assert.Equal(AckTimeout * 1.1, schedule.Wait(1, jitter: 1));
        Assert.Equal(AckTimeout * 16 * 1.05, schedule.Wait(5, jitter: 0.5));
    }

    [Fact]
    public void What_waits_in_the_clients_queue_is_not_late_while_the_client_goes_on()
    {
        var window = New();
        for (var sequence = 1; sequence <= 4; sequence++)
            window.Open(sequence, Message);

        // 20 s for each: the last one is acked 80 s after it was sent, and none comes twice.
        for (var sequence = 1; sequence <= 4; sequence++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            Assert.Empty(Due(window));
            Assert.True(window.TryAck(sequence));
        }
    }

    [Fact]
    public void An_ack_behind_an_event_does_not_put_it_off()
    {
        var window = New();
        window.Open(1, Message);
        window.Open(2, Message);
        _time.Advance(TimeSpan.FromSeconds(20));
        window.TryAck(2);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([1], Due(window).Select(due => due.Sequence));
    }

    [Fact]
    public void A_connection_that_acks_nothing_gets_its_oldest_event_again_and_no_other()
    {
        var window = New();
        for (var sequence = 1; sequence <= 5; sequence++)
            window.Open(sequence, Message);

        _time.Advance(AckTimeout);
        Assert.Equal([1], Due(window).Select(due => due.Sequence));
        _time.Advance(AckTimeout * 2);
        Assert.Equal([1], Due(window).Select(due => due.Sequence));
    }

    [Fact]
    public void A_handler_of_ten_minutes_costs_copies_of_its_own_event_and_none_of_those_behind_it()
    {
        var window = New();
        for (var sequence = 1; sequence <= 3; sequence++)
            window.Open(sequence, Message);
        var copies = new List<long>();
        for (var second = 0; second < 600; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            copies.AddRange(Due(window).Select(due => due.Sequence));
        }

        Assert.Equal([1, 1, 1, 1], copies);
        window.TryAck(1);
        _time.Advance(AckTimeout - OneTick);
        Assert.Empty(Due(window));
    }

    [Fact]
    public void An_event_dies_after_the_fifth_delivery_if_another_was_acked_since_its_first()
    {
        var window = New();
        window.Open(1, Message);
        window.Open(2, Message);
        window.TryAck(2);
        for (var delivery = 2; delivery <= 5; delivery++)
            Assert.Null(Assert.Single(AdvanceToDue(window)).Death);

        var dead = Assert.Single(AdvanceToDue(window));

        Assert.Equal(DeadLetterReason.MaxDeliveries, dead.Death!.Reason);
        Assert.Equal(5, dead.Deliveries);
        Assert.Equal(5, dead.Death.Attempts.Count);
        Assert.Equal(AckTimeout, dead.Death.Attempts[1].At - dead.Death.Attempts[0].At);
        Assert.All(dead.Death.Attempts, attempt => Assert.Equal(DeliveryOutcome.TimedOut, attempt.Outcome));
        Assert.True(window.Contains(1));
        Assert.True(window.CloseDead(1));
        Assert.False(window.Contains(1));
    }

    [Fact]
    public void A_client_that_acks_nothing_at_all_is_held_and_not_drained_into_the_dead_letters()
    {
        var window = New();
        window.Open(1, Message);
        window.Open(2, Message);
        for (var delivery = 2; delivery <= 5; delivery++)
            Assert.Single(AdvanceToDue(window));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(Due(window));

        window.TryAck(2);

        Assert.Equal(DeadLetterReason.MaxDeliveries, Assert.Single(AdvanceToDue(window)).Death!.Reason);
    }

    [Fact]
    public void A_dead_delivery_is_taken_again_until_it_is_kept_elsewhere()
    {
        var window = New();
        window.Open(1, Message);
        Assert.True(window.TryReject(1, "no such chat"));
        Assert.Equal("no such chat", Assert.Single(Due(window)).Death!.Detail);
        Assert.Empty(Due(window));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DeadLetterReason.Rejected, Assert.Single(Due(window)).Death!.Reason);
    }

    [Fact]
    public void A_nacked_event_comes_again_after_its_delay_and_counts_as_a_delivery()
    {
        var window = New();
        window.Open(1, Message);
        Assert.True(window.TryNack(1, TimeSpan.FromMinutes(2)));
        _time.Advance(TimeSpan.FromMinutes(2) - OneTick);
        Assert.Empty(Due(window));
        _time.Advance(OneTick);
        Assert.Equal(2, Assert.Single(Due(window)).Deliveries);
    }

    [Fact]
    public void A_nack_puts_an_event_off_by_an_hour_at_most()
    {
        var window = New();
        window.Open(1, Message);
        window.TryNack(1, TimeSpan.FromDays(7));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Single(Due(window));
    }

    [Fact]
    public void A_fifth_nack_is_the_end_if_another_was_acked()
    {
        var window = New();
        window.Open(1, Message);
        window.Open(2, Message);
        window.TryAck(2);
        for (var nack = 1; nack <= 4; nack++)
        {
            window.TryNack(1, TimeSpan.Zero);
            Assert.Null(Assert.Single(Due(window)).Death);
        }

        window.TryNack(1, TimeSpan.FromHours(1));

        var death = Assert.Single(Due(window)).Death!;
        Assert.Equal(5, death.Attempts.Count);
        Assert.All(death.Attempts, attempt => Assert.Equal(DeliveryOutcome.Nacked, attempt.Outcome));
    }

    [Fact]
    public void A_working_event_is_due_again_when_its_extension_ends_and_those_behind_it_start_anew()
    {
        var window = New();
        window.Open(1, Message);
        window.Open(2, Message);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(window.TryExtend(1, TimeSpan.FromMinutes(1)));

        _time.Advance(AckTimeout - OneTick);
        Assert.Empty(Due(window));
        _time.Advance(TimeSpan.FromSeconds(30) + OneTick);
        Assert.Equal([1], Due(window).Select(due => due.Sequence));
    }

    [Fact]
    public void Extensions_end_after_an_hour_in_all()
    {
        var window = New();
        window.Open(1, Message);
        for (var minute = 0; minute < 60; minute++)
        {
            Assert.True(window.TryExtend(1, TimeSpan.FromMinutes(2)));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.False(window.TryExtend(1, TimeSpan.FromMinutes(2)));
        Assert.Single(Due(window));
    }

    [Fact]
    public void An_ack_up_to_an_event_takes_all_at_or_before_it_save_what_was_nacked_and_not_sent_again()
    {
        var window = New();
        for (var sequence = 1; sequence <= 5; sequence++)
            window.Open(sequence, Message);
        window.TryNack(2, TimeSpan.FromHours(1));
        window.TryNack(3, TimeSpan.Zero);
        Due(window); // the third is sent again
        window.TryReject(1, reason: null);

        var acked = new List<long>();
        window.AckUpTo(4, acked);

        Assert.Equal([3, 4], acked);
        Assert.Equal([1, 2, 5], window.Snapshot().Select(open => open.Sequence));
    }

    [Fact]
    public void A_jump_of_the_wall_clock_makes_nothing_due()
    {
        var time = new JumpingClock();
        var window = new DeliveryWindow(4, new DeliverySchedule(AckTimeout, 5), time, new Jitter(0));
        window.Open(1, Message);
        time.Wall += TimeSpan.FromHours(5);
        var due = new List<DueDelivery>();
        window.TakeDue(due, int.MaxValue);
        Assert.Empty(due);
    }

    [Fact]
    public void What_does_not_fit_into_one_look_is_due_at_once()
    {
        var window = New(capacity: 10);
        for (var sequence = 1; sequence <= 10; sequence++)
        {
            window.Open(sequence, Message);
            window.TryNack(sequence, TimeSpan.Zero);
        }

        var due = new List<DueDelivery>();
        window.TakeDue(due, most: 4);
        Assert.Equal(4, due.Count);
        Assert.True(window.IsLookDue);
        Assert.Equal(6, Due(window).Count);
        Assert.False(window.IsLookDue);
    }

    [Fact]
    public void One_event_that_stays_open_does_not_make_the_window_remember_all_that_was_acked_behind_it()
    {
        var clock = new SettleClock();
        var threshold = 64;
        for (var order = 2L; order <= 100_000; order++)
        {
            clock.Settle(order, at: order);
            if (clock.Count >= threshold)
            {
                clock.KeepFor([1, order + 1]);
                threshold = Math.Max(64, clock.Count * 2);
            }
        }

        Assert.InRange(clock.Count, 1, 128);
        Assert.Equal(long.MinValue, clock.LastAheadOf(1));
        Assert.Equal(100_000, clock.LastAheadOf(100_001));
    }

    [Fact]
    public void What_is_kept_of_the_settlements_answers_as_all_of_them_would()
    {
        foreach (var seed in Histories.Seeds(2_000))
            Histories.Run(seed, CompareClocks);
    }

    private static void CompareClocks(Random random)
    {
        var (clock, all) = (new SettleClock(), new List<(long Order, long At)>());
        var open = new SortedSet<long>();
        for (var at = 1L; at <= 60; at++)
        {
            open.Add(at);
            if (random.Next(2) == 0)
            {
                var settled = open.ElementAt(random.Next(open.Count));
                open.Remove(settled);
                clock.Settle(settled, at);
                all.Add((settled, at));
            }

            if (random.Next(5) == 0)
                clock.KeepFor([.. open]);
            foreach (var order in open)
                Assert.Equal(all.Where(one => one.Order < order).Select(one => one.At).DefaultIfEmpty(long.MinValue).Max(), clock.LastAheadOf(order));
        }
    }

    [Fact]
    public void A_wait_has_a_bound_however_often_it_was_doubled() =>
        Assert.Equal(DeliverySchedule.LongestWait, new DeliverySchedule(TimeSpan.FromHours(1), MaxDeliveries: 100).Wait(99, jitter: 1));

    private DeliveryWindow New(int capacity = 8) => new(capacity, new DeliverySchedule(AckTimeout, MaxDeliveries: 5), _time, new Jitter(0));

    private static List<DueDelivery> Due(DeliveryWindow window)
    {
        var due = new List<DueDelivery>();
        window.TakeDue(due, int.MaxValue);
        return due;
    }

    private List<DueDelivery> AdvanceToDue(DeliveryWindow window)
    {
        for (var second = 0; second < 1_000; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (Due(window) is { Count: > 0 } due)
                return due;
        }

        return [];
    }

    private sealed class JumpingClock : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => 0;
    }
}
