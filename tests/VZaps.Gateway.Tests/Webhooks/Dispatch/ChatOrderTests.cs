using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class ChatOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_event_is_held_while_an_earlier_one_of_its_chat_is_out_and_no_other_chat_is()
    {
        var order = new ChatOrder();
        order.Block("a", 1);
        Assert.True(order.MustHold("a"));
        Assert.False(order.MustHold("b"));
    }

    [Fact]
    public void Held_events_go_one_after_another_in_their_order()
    {
        var order = new ChatOrder();
        order.Block("a", 1);
        order.Hold("a", 2);
        order.Hold("a", 3);
        Assert.Equal(2, order.Settle("a", 1));
        order.Block("a", 2);
        Assert.True(order.MustHold("a"));
        Assert.Equal(3, order.Settle("a", 2));
        order.Block("a", 3);
        Assert.Null(order.Settle("a", 3));
        Assert.False(order.MustHold("a"));
    }

    [Fact]
    public void An_event_that_fails_holds_back_its_chat_until_its_time_is_up()
    {
        var order = new ChatOrder();
        order.Block("a", 1);
        order.Fail("a", 1, Now);
        order.Hold("a", 2);
        Assert.Equal(Now, order.NextEnd);
        Assert.Empty(order.Expire(Now - TimeSpan.FromTicks(1)));
        Assert.Equal([("a", 2L)], order.Expire(Now));
        order.Block("a", 2);
        Assert.Null(order.NextEnd);
        // The one that failed for so long is settled one day, and that changes nothing for the others.
        Assert.Null(order.Settle("a", 1));
        Assert.True(order.MustHold("a"));
    }

    [Fact]
    public void Further_failures_do_not_make_the_time_longer()
    {
        var order = new ChatOrder();
        order.Block("a", 1);
        order.Fail("a", 1, Now);
        order.Block("a", 1);
        order.Fail("a", 1, Now + TimeSpan.FromHours(5));
        Assert.Equal(Now, order.NextEnd);
    }

    [Fact]
    public void A_held_event_that_is_settled_by_hand_leaves_its_line()
    {
        var order = new ChatOrder();
        order.Block("a", 1);
        order.Hold("a", 2);
        order.Hold("a", 3);
        Assert.Null(order.Settle("a", 2));
        Assert.Equal(3, order.Settle("a", 1));
    }

    [Fact]
    public void A_held_event_whose_own_time_is_up_leaves_and_holds_back_nobody()
    {
        var order = new ChatOrder();
        order.Block("a", 1);
        order.Hold("a", 2);
        order.Leave("a", 2);
        Assert.Null(order.Settle("a", 1));
        Assert.False(order.MustHold("a"));
    }
}
