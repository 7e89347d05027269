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
        Assert.True(_queue.TryTakeOut(row.Id));
        Assert.False(_queue.TryTakeOut(row.Id));
        _queue.Kept(row, row);
        Assert.True(_queue.TryTakeOut(row.Id));
        Assert.Equal(1, _queue.Pending);
    }

    [Fact]
    public void A_held_delivery_is_released_by_the_end_of_the_one_before_it_and_not_by_its_failure()
    {
        _queue.Load([], WebhookOrder.Chat, Now);
        var (first, second) = (Begin(1, "a"), Row(2, "a"));
        Assert.Equal(Begun.Held, _queue.Begin(second));
        _queue.EnterPending(Held(second));
        _queue.Kept(before: null, Pending(first));
        Assert.False(_queue.TryPeekRelease(out _));
        TakeOut(first, Now);
        _queue.Kept(Pending(first), Delivered(first));
        Assert.True(_queue.TryPeekRelease(out var release));
        Assert.Equal(second.Id, release.Id);
        TakeOut(second, Now);
        Assert.False(_queue.TryPeekRelease(out _));
    }

    [Fact]
    public void A_start_finds_the_lines_of_the_chats_as_they_were()
    {
        var (a1, a2, b1) = (Pending(Row(1, "a")), Held(Row(2, "a")), Held(Row(3, "b")));
        _queue.Start(position: 3, kept: new HashSet<long>());
        _queue.Load([a1, a2, b1], WebhookOrder.Chat, Now);
        Assert.True(_queue.TryPeekRelease(out var release));
        Assert.Equal(b1.Id, release.Id);
        Assert.Equal(3, _queue.Pending);
        TakeOut(b1, Now);
        _queue.Expire(Now + HoldFor);
        Assert.True(_queue.TryPeekRelease(out release));
        Assert.Equal(a2.Id, release.Id);
    }

    [Fact]
    public void What_is_held_waits_for_an_earlier_event_of_its_chat_that_was_out_when_the_gateway_ended()
    {
        var (first, second) = (Row(1, "a"), Held(Row(2, "a")));
        _queue.Start(position: 0, kept: new HashSet<long> { 2 });
        _queue.Load([second], WebhookOrder.Chat, Now);
        Assert.False(_queue.TryPeekRelease(out _));
        Assert.Equal(Begun.Out, _queue.Begin(first));
        Assert.Equal(Begun.No, _queue.Begin(second));
        Assert.False(_queue.TryPeekRelease(out _));
        _queue.Kept(before: null, Delivered(first));
        Assert.True(_queue.TryPeekRelease(out var release));
        Assert.Equal(second.Id, release.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_held_and_waits_for_nothing_goes_once_the_log_was_read_so_far(bool isItsTypeRead)
    {
        var held = Held(Row(2, "a"));
        _queue.Start(position: 0, kept: new HashSet<long> { 2 });
        _queue.Load([held], WebhookOrder.Chat, Now);
        if (isItsTypeRead)
            _queue.Begin(held);
        else
            _queue.Pass(5);
        Assert.True(_queue.TryPeekRelease(out var release));
        Assert.Equal(held.Id, release.Id);
    }

    [Fact]
    public void What_was_out_when_the_gateway_ended_is_read_however_much_is_pending()
    {
        var rows = Enumerable.Range(2, 4).Select(sequence => Held(Row(sequence, "a"))).ToList();
        _queue.Start(position: 0, kept: rows.Select(row => row.Sequence).ToHashSet());
        _queue.Load(rows, WebhookOrder.Chat, Now);
        Assert.True(_queue.HasRoom);
        foreach (var row in rows)
            _queue.Begin(row);
        Assert.False(_queue.HasRoom);
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
            TakeOut(row, Now);
        }
    }

    [Fact]
    public void An_event_that_has_failed_for_longer_than_it_may_hold_back_others_does_so_at_no_further_attempt()
    {
        _queue.Load([Pending(Row(1, "a"))], WebhookOrder.Chat, Now + HoldFor);
        TakeOut(Row(1, "a") with { Id = _lastId }, Now + HoldFor + HoldFor);
        Assert.Equal(Begun.Out, _queue.Begin(Row(2, "a")));
    }

    [Fact]
    public void What_is_skipped_is_not_begun_and_what_is_begun_and_has_no_row_is_named()
    {
        var rows = new[] { Begin(1), Begin(2) };
        _queue.Kept(before: null, Pending(rows[0]));
        Assert.Equal([rows[1]], _queue.SkipTo(5));
        Assert.Equal(5, _queue.ReadThrough);
        Assert.Equal(Begun.No, _queue.Begin(Row(3, chat: null)));
        Assert.Equal(1, _queue.Pass(4));
        Assert.Equal(5, _queue.Kept(before: null, Delivered(rows[1])));
        Begin(6);
        Assert.Equal([6], _queue.SkipTo(5).Select(row => row.Sequence));
    }

    [Fact]
    public void A_start_after_a_skip_does_not_go_back_behind_it()
    {
        _queue.SkipTo(5);
        _queue.Start(position: 2, new HashSet<long>());
        Assert.Equal(5, _queue.ReadThrough);
        Assert.Equal(Begun.No, _queue.Begin(Row(4, chat: null)));
    }

    private void TakeOut(DeliveryRow row, DateTimeOffset now)
    {
        Assert.True(_queue.TryTakeOut(row.Id));
        _queue.Go(row, now);
    }

    private DeliveryRow Begin(long sequence, string? chat = null)
    {
        var row = Row(sequence, chat);
        Assert.Equal(Begun.Out, _queue.Begin(row));
        return row;
    }

    private DeliveryRow Row(long sequence, string? chat) =>
        new() { Id = ++_lastId, EndpointId = 1, Sequence = sequence, EventId = "evt_" + sequence, TypeIndex = 0, Chat = chat };

    private static DeliveryRow Pending(DeliveryRow row) =>
        row with { Status = DeliveryStatus.Pending, NextAttemptAtMilliseconds = (Now + TimeSpan.FromSeconds(5)).ToUnixTimeMilliseconds() };

    private static DeliveryRow Held(DeliveryRow row) => DeliveryOutcome.Held(row, Now + HoldFor);

    private static DeliveryRow Delivered(DeliveryRow row) => row with { Status = DeliveryStatus.Delivered, NextAttemptAtMilliseconds = null };
}
