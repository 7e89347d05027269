using FsCheck.Xunit;
using VZaps.Gateway.Delivery;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

public sealed class DeliveryWindowTests
{
    [Fact]
    public void A_full_window_has_no_room_until_one_of_its_events_is_acked()
    {
        var window = new DeliveryWindow(capacity: 2);
        window.Open(1, 0);
        window.Open(2, 0);
        Assert.Equal(0, window.Room);
        Assert.Throws<InvalidOperationException>(() => window.Open(3, 0));

        Assert.True(window.TryAck(2, out _, out var wasFull));

        Assert.True(wasFull);
        Assert.Equal(1, window.Room);
    }

    [Fact]
    public void An_event_is_acked_once()
    {
        var window = new DeliveryWindow(capacity: 2);
        window.Open(1, 0);
        Assert.True(window.TryAck(1, out _, out _));
        Assert.False(window.TryAck(1, out _, out _));
    }

    [Fact]
    public void An_event_is_out_once()
    {
        var window = new DeliveryWindow(capacity: 2);
        window.Open(1, 0);
        Assert.Throws<InvalidOperationException>(() => window.Open(1, 0));
    }

    [Property(MaxTest = 500)]
    public void What_is_open_is_what_was_sent_less_what_was_acked(bool[] steps, byte[] acks)
    {
        const int Capacity = 8;
        var window = new DeliveryWindow(Capacity);
        var model = new HashSet<long>();
        var next = 1L;
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i] && model.Count < Capacity)
            {
                model.Add(next);
                window.Open(next++, 0);
            }
            else if (acks.Length > 0)
            {
                var sequence = acks[i % acks.Length] % (next + 1);
                Assert.Equal(model.Remove(sequence), window.TryAck(sequence, out _, out _));
            }

            Assert.Equal(Capacity - model.Count, window.Room);
        }
    }
}
