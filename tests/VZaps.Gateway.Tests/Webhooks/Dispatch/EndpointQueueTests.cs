using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class EndpointQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan HoldFor = TimeSpan.FromHours(1);
    private readonly EndpointQueue _queue = new(maxPending: 3, HoldFor);
    private long _lastId = LogId.FirstOf(Now);

    [Fact]
    public void Each_event_that_is_begun_takes_room_until_it_is_settled()
    {
        var rows = new[] { Begin(1), Begin(2), Begin(3) };
        Assert.False(_queue.HasRoom);
        _queue.Kept(before: null, Pending(rows[0]));
        Assert.False(_queue.HasRoom);
        _queue.Kept(before: null, Delivered(rows[1]));
        Assert.True(_queue.HasRoom);
        Assert.Equal(1, _queue.Pending);
        _queue.Kept(Pending(rows[0]), Delivered(rows[0]));
        Assert.Equal(0, _queue.Pending);
    }

    [Fact]
    public void What_is_noted_while_all_that_is_due_is_read_is_not_lost()
    {
        var row = Begin(1);
        _queue.BeginDueRead();
        _queue.Kept(before: null, Pending(row));
        _queue.NoteNextDue(Now + TimeSpan.FromHours(9));
        Assert.Equal(Now + TimeSpan.FromSeconds(5), _queue.NextDue);
    }

    [Fact]
    public void A_delivery_that_is_out_by_hand_is_not_taken_a_second_time()
    {
        var row = Pending(Begin(1));
        _queue.Kept(before: null, row);
        Assert.True(_queue.TryTakeOutByHand(row.Id));
        Assert.False(_queue.TryTakeOut(row, Now));
        _queue.Kept(row, row);
        Assert.True(_queue.TryTakeOut(row, Now));
        Assert.Equal(1, _queue.Pending);
    }

    [Fact]
    public void A_held_delivery_is_released_by_the_end_of_the_one_before_it_and_not_by_its_failure()
    {
        _queue.Load([], WebhookOrder.Chat, Now);
        var (first, second) = (Begin(1, "a"), Row(2, "a"));
        _queue.Begin(2);
        Assert.False(_queue.TakeOutOrHold(second.Id, "a"));
        _queue.EnterPending(Held(second));
        _queue.Kept(before: null, Pending(first));
        Assert.False(_queue.TryPeekRelease(out _));
        _queue.TryTakeOut(first, Now);
        _queue.Kept(Pending(first), Delivered(first));
        Assert.True(_queue.TryPeekRelease(out var release));
        Assert.Equal(second.Id, release.Id);
        Assert.True(_queue.TryTakeOut(second, Now));
        Assert.False(_queue.TryPeekRelease(out _));
    }

    [Fact]
    public void A_start_finds_the_lines_of_the_chats_as_they_were()
    {
        var (a1, a2, b1) = (Pending(Row(1, "a")), Held(Row(2, "a")), Held(Row(3, "b")));
        _queue.Load([a1, a2, b1], WebhookOrder.Chat, Now);
        Assert.True(_queue.TryPeekRelease(out var release));
        Assert.Equal(b1.Id, release.Id);
        Assert.Equal(3, _queue.Pending);
        _queue.TryTakeOut(b1, Now);
        _queue.Expire(Now + HoldFor);
        Assert.True(_queue.TryPeekRelease(out release));
        Assert.Equal(a2.Id, release.Id);
    }

    [Fact]
    public void Where_order_does_not_matter_any_more_all_that_is_held_goes()
    {
        var rows = new[] { Pending(Row(1, "a")), Held(Row(2, "a")), Held(Row(3, "a")) };
        _queue.Load(rows, WebhookOrder.Parallel, Now);
        foreach (var row in rows.Skip(1))
        {
            Assert.True(_queue.TryPeekRelease(out var release));
            Assert.Equal(row.Id, release.Id);
            _queue.TryTakeOut(row, Now);
        }
    }

    [Fact]
    public void An_event_that_has_failed_for_longer_than_it_may_hold_back_others_does_so_at_no_further_attempt()
    {
        _queue.Load([Pending(Row(1, "a"))], WebhookOrder.Chat, Now + HoldFor);
        Assert.True(_queue.TryTakeOut(Row(1, "a") with { Id = _lastId }, Now + HoldFor + HoldFor));
        Assert.True(_queue.TakeOutOrHold(_lastId + 1, "a"));
    }

    private DeliveryRow Begin(long sequence, string? chat = null)
    {
        var row = Row(sequence, chat);
        Assert.True(_queue.Begin(sequence));
        Assert.True(_queue.TakeOutOrHold(row.Id, chat));
        return row;
    }

    private DeliveryRow Row(long sequence, string? chat) =>
        new() { Id = ++_lastId, EndpointId = 1, Sequence = sequence, EventId = "evt_" + sequence, TypeIndex = 0, Chat = chat };

    private static DeliveryRow Pending(DeliveryRow row) =>
        row with { Status = DeliveryStatus.Pending, NextAttemptAtMilliseconds = (Now + TimeSpan.FromSeconds(5)).ToUnixTimeMilliseconds() };

    private static DeliveryRow Held(DeliveryRow row) => DeliveryOutcome.Held(row, Now + HoldFor);

    private static DeliveryRow Delivered(DeliveryRow row) => row with { Status = DeliveryStatus.Delivered, NextAttemptAtMilliseconds = null };
}
