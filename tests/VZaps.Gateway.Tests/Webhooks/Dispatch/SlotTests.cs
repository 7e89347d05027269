using VZaps.Gateway.Log;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class SlotTests
{
    [Fact]
    public void An_endpoint_has_its_own_number_of_slots_and_no_more()
    {
        var slots = new EndpointSlots(3, new GatewaySlots(100), new WakeSignal());
        Assert.Equal(3, Take(slots, 10));
        slots.Give(answered: true);
        Assert.Equal(1, Take(slots, 10));
    }

    [Fact]
    public void The_first_slot_of_an_endpoint_waits_for_nobody()
    {
        var gateway = new GatewaySlots(4);
        var greedy = new EndpointSlots(10, gateway, new WakeSignal());
        Assert.Equal(1 + 4, Take(greedy, 10));
        Assert.Equal(4, gateway.Taken);
        for (var i = 0; i < 50; i++)
            Assert.Equal(1, Take(new EndpointSlots(10, gateway, new WakeSignal()), 10));
    }

    [Fact]
    public async Task Those_who_wait_for_a_shared_slot_take_turns()
    {
        var gateway = new GatewaySlots(1);
        var (first, second, third) = (Slots(gateway), Slots(gateway), Slots(gateway));
        Assert.Equal(2, Take(first.Slots, 2));
        Assert.Equal(1, Take(second.Slots, 10));
        Assert.Equal(1, Take(third.Slots, 10));
        first.Slots.Give(answered: true);
        // It asks again at once, behind those who were there before.
        Assert.False(first.Slots.TryTake());
        Assert.False(third.Slots.TryTake());
        await second.Wake.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(second.Slots.TryTake());
        second.Slots.Give(answered: true);
        Assert.True(third.Slots.TryTake());
    }

    [Fact]
    public void One_that_waits_no_longer_is_in_nobodys_way()
    {
        var gateway = new GatewaySlots(1);
        var (first, second, third) = (Slots(gateway), Slots(gateway), Slots(gateway));
        Take(first.Slots, 2);
        Take(second.Slots, 10);
        Take(third.Slots, 10);
        second.Slots.StopWaiting();
        first.Slots.Give(answered: true);
        Assert.True(third.Slots.TryTake());
    }

    [Fact]
    public void Timeouts_halve_an_endpoints_slots_down_to_one_and_each_answer_gives_one_back()
    {
        var slots = new EndpointSlots(10, new GatewaySlots(100), new WakeSignal());
        var limits = new List<int>();
        foreach (var answered in (bool[])[false, false, false, false, true, true])
        {
            Assert.True(slots.TryTake());
            slots.Give(answered);
            limits.Add(slots.Limit);
        }

        Assert.Equal([5, 2, 1, 1, 2, 3], limits);
    }

    [Fact]
    public void What_was_not_attempted_says_nothing_of_the_endpoint()
    {
        var slots = new EndpointSlots(10, new GatewaySlots(100), new WakeSignal());
        slots.TryTake();
        slots.Give(answered: null);
        Assert.Equal(10, slots.Limit);
    }

    private static (EndpointSlots Slots, WakeSignal Wake) Slots(GatewaySlots gateway)
    {
        var wake = new WakeSignal();
        return (new EndpointSlots(10, gateway, wake), wake);
    }

    private static int Take(EndpointSlots slots, int most)
    {
        var taken = 0;
        while (taken < most && slots.TryTake())
            taken++;
        return taken;
    }
}
