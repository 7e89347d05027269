using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Realtime;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class BusyConnectionsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BusyConnections _busy = new();
    private readonly RealtimeConnection _connection;
    private readonly DeliveryAccount _account;

    public BusyConnectionsTests() => (_connection, _account) = Connections.Open(_time);

    [Fact]
    public void A_connection_with_something_out_is_woken_when_it_is_due_and_not_before()
    {
        Send(1);
        for (var look = 0; look < 3; look++)
            _busy.Look();
        Assert.False(IsWoken());

        _time.Advance(TimeSpan.FromSeconds(40));
        _busy.Look();
        Assert.True(IsWoken());
    }

    [Fact]
    public void A_connection_with_nothing_out_is_let_go_of_and_is_there_again_with_what_it_sends_next()
    {
        Send(1);
        _busy.Look();
        Assert.True(_account.TryAck(1, out _));
        _busy.Look();
        IsWoken(); // by its ack

        _account.OpenNext(2, typeIndex: 0);
        _time.Advance(TimeSpan.FromSeconds(40));
        _busy.Look();
        Assert.False(IsWoken()); // nobody has said that it has something out

        _busy.Add(_connection);
        _busy.Look();
        Assert.True(IsWoken());
    }

    [Fact]
    public void A_connection_that_is_acked_and_sends_again_between_two_looks_stays()
    {
        Send(1);
        _busy.Look();
        Assert.True(_account.TryAck(1, out _));
        Send(2);
        _busy.Look();
        IsWoken(); // by its ack

        _time.Advance(TimeSpan.FromSeconds(40));
        _busy.Look();
        Assert.True(IsWoken());
    }

    [Fact]
    public void A_connection_that_sends_while_it_is_looked_at_for_the_last_time_is_there_again()
    {
        Send(1);
        _busy.Look();
        Assert.True(_account.TryAck(1, out _));
        Assert.True(_connection.TryMarkIdle());
        Send(2);
        IsWoken(); // by its ack

        _time.Advance(TimeSpan.FromSeconds(40));
        _busy.Look();
        Assert.True(IsWoken());
    }

    [Fact]
    public void A_connection_that_has_ended_is_let_go_of_though_something_was_out()
    {
        Send(1);
        _connection.Dispose();
        _busy.Look();
        Assert.True(_connection.TryMarkBusy());
    }

    private void Send(long sequence)
    {
        _account.OpenNext(sequence, typeIndex: 0);
        _busy.Add(_connection);
    }

    private bool IsWoken()
    {
        // Set first if it was not, a wait is over at once.
        var wait = _connection.Wake.WaitAsync();
        if (wait.IsCompleted)
            return true;
        _connection.Wake.Set();
        wait.AsTask().GetAwaiter().GetResult();
        return false;
    }
}
