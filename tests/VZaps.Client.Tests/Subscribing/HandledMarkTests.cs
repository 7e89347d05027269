using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class HandledMarkTests
{
    private static string Id(int number) => Envelopes.Id(number);

    [Fact]
    public void Before_anything_is_handled_the_cursor_is_the_start() =>
        Assert.Equal(Id(1), new HandledMark(Id(1), TimeProvider.System).Cursor(out _));

    [Fact]
    public void A_failed_event_holds_the_mark_for_fifteen_minutes_and_not_longer()
    {
        var time = new FakeTimeProvider();
        var mark = new HandledMark(null, time);
        foreach (var number in new[] { 1, 2, 3 })
            Assert.Equal(Admission.Handle, mark.Receive(Id(number)));
        mark.Handled(Id(1));
        mark.Failed(Id(2));
        mark.Handled(Id(3));
        time.Advance(HandledMark.LongestHold - TimeSpan.FromTicks(1));
        Assert.Equal(Id(1), mark.Cursor(out _));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(Id(3), mark.Cursor(out var released));
        Assert.Equal(1, released);
    }

    [Fact]
    public void What_was_handled_is_handled_again_once_that_is_forgotten_and_what_is_in_hand_is_not()
    {
        var mark = new HandledMark(null, TimeProvider.System);
        foreach (var number in new[] { 1, 2, 3 })
            mark.Receive(Id(number));
        mark.Handled(Id(1));
        mark.Handled(Id(3)); // held behind the second

        mark.ForgetHandled();

        Assert.Equal(Admission.Handle, mark.Receive(Id(1)));
        Assert.Equal(Admission.InHand, mark.Receive(Id(2)));
        Assert.Equal(Admission.Handle, mark.Receive(Id(3)));
        mark.Handled(Id(2));
        mark.Handled(Id(3));
        mark.Handled(Id(1));
        Assert.Equal(Admission.Handled, mark.Receive(Id(3)));
        Assert.Equal(Id(3), mark.Cursor(out _));
    }

    [Fact]
    public void Failing_again_does_not_put_off_the_end_of_the_hold()
    {
        var time = new FakeTimeProvider();
        var mark = new HandledMark(null, time);
        mark.Receive(Id(1));
        mark.Failed(Id(1));
        time.Advance(HandledMark.LongestHold / 2);
        Assert.Equal(Admission.Handle, mark.Receive(Id(1)));
        mark.Failed(Id(1));
        time.Advance(HandledMark.LongestHold / 2);
        Assert.Equal(Id(1), mark.Cursor(out _));
    }

    [Fact]
    public void A_released_event_that_is_handled_later_does_not_take_the_mark_back()
    {
        var time = new FakeTimeProvider();
        var mark = new HandledMark(null, time);
        mark.Receive(Id(1));
        mark.Failed(Id(1));
        mark.Receive(Id(2));
        mark.Handled(Id(2));
        time.Advance(HandledMark.LongestHold);
        Assert.Equal(Id(2), mark.Cursor(out _));
        Assert.Equal(Admission.Handle, mark.Receive(Id(1)));
        mark.Handled(Id(1));
        Assert.Equal(Id(2), mark.Cursor(out _));
    }

    [Fact]
    public void The_hold_ends_early_when_too_much_waits_behind_it()
    {
        var mark = new HandledMark(null, new FakeTimeProvider());
        mark.Receive(Id(1));
        mark.Failed(Id(1));
        for (var number = 2; number <= HandledMark.MaxTracked + 1; number++)
        {
            mark.Receive(Id(number));
            mark.Handled(Id(number));
        }

        Assert.Equal(Id(HandledMark.MaxTracked + 1), mark.Cursor(out var released));
        Assert.Equal(1, released);
    }

    [Fact]
    public void A_late_answer_to_what_is_settled_does_not_make_safe_what_is_still_in_hand()
    {
        var mark = new HandledMark(null, new FakeTimeProvider());
        mark.Receive(Id(1));
        mark.Receive(Id(2));
        for (var number = 3; number <= HandledMark.MaxTracked + 2; number++)
        {
            mark.Receive(Id(number));
            mark.Handled(Id(number));
        }

        Assert.Equal(Id(HandledMark.MaxTracked + 2), mark.Cursor(out _)); // it has passed two that are in hand
        mark.Handled(Id(1));
        mark.Handled(Id(1));
        mark.Failed(Id(1));
        Assert.Null(mark.Safe);
        mark.Handled(Id(2));
        Assert.Equal(Id(HandledMark.MaxTracked + 2), mark.Safe);
    }

    [Fact]
    public void The_memory_of_handled_events_is_bounded()
    {
        var mark = new HandledMark(null, TimeProvider.System);
        for (var number = 1; number <= HandledMark.MaxRemembered + 1; number++)
        {
            mark.Receive(Id(number));
            mark.Handled(Id(number));
        }

        Assert.Equal(Admission.Handled, mark.Receive(Id(2)));
        Assert.Equal(Admission.Handle, mark.Receive(Id(1)));
    }

    /// <summary>Random receipts and outcomes against a list and the definition.</summary>
    [Property]
    public bool The_mark_is_the_last_event_such_that_it_and_all_before_it_are_handled(List<(byte Number, byte Action)> steps)
    {
        var mark = new HandledMark(null, new FakeTimeProvider());
        var received = new List<int>();
        var state = new Dictionary<int, char>();
        foreach (var (number, action) in steps)
        {
            // In log order, as a connection sends them; any of them may come again.
            var next = action % 4 == 0 || received.Count == 0 ? received.Count + 1 : received[number % received.Count];
            var known = state.GetValueOrDefault(next, 'n');
            var expected = known switch { 'n' or 'f' => Admission.Handle, 'i' => Admission.InHand, _ => Admission.Handled };
            if (action % 4 is 0 or 1)
            {
                if (mark.Receive(Id(next)) != expected)
                    return false;
                if (known == 'n')
                    received.Add(next);
                state[next] = expected == Admission.Handle ? 'i' : known;
            }
            else if (known == 'i')
            {
                state[next] = action % 4 == 2 ? 'h' : 'f';
                if (action % 4 == 2)
                    mark.Handled(Id(next));
                else
                    mark.Failed(Id(next));
            }

            var handled = received.TakeWhile(event_ => state[event_] == 'h').ToList();
            if (mark.Cursor(out _) != (handled.Count == 0 ? null : Id(handled[^1])))
                return false;
        }

        return true;
    }

    [Fact]
    public void What_was_left_holds_the_mark_until_it_comes_again_and_a_late_settlement_is_not_undone()
    {
        var time = new FakeTimeProvider();
        var mark = new HandledMark(null, time);
        foreach (var number in new[] { 1, 2, 3 })
            mark.Receive(Id(number));
        mark.Handled(Id(1));
        mark.Leave(Id(1));
        mark.Leave(Id(2));
        mark.Handled(Id(3));
        time.Advance(HandledMark.LongestHold + HandledMark.LongestHold);
        Assert.Equal(Id(1), mark.Cursor(out var released));
        Assert.Equal(0, released);
        Assert.Equal(Admission.Handle, mark.Receive(Id(2)));
        mark.Handled(Id(2));
        Assert.Equal(Id(3), mark.Cursor(out _));
    }

    [Fact]
    public void A_rejected_event_holds_nothing_before_or_after_the_mark_has_passed_it()
    {
        var mark = new HandledMark(null, new FakeTimeProvider());
        foreach (var number in new[] { 1, 2, 3 })
            mark.Receive(Id(number));
        mark.Rejected(Id(2));
        mark.Rejected(Id(1));
        Assert.Equal(Id(2), mark.Cursor(out var released));
        Assert.Equal(0, released);
        Assert.Equal(Id(2), mark.Safe);
        Assert.Equal(Admission.Handle, mark.Receive(Id(1)));
        mark.Handled(Id(3));
        Assert.Equal(Id(3), mark.Cursor(out _)); // what came again stands behind what was there
        mark.Handled(Id(1));
        Assert.Equal(Id(3), mark.Cursor(out _));
    }
}
