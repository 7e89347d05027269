using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Realtime;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class KeepAliveTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStream _written = new();

    [Fact]
    public async Task A_ping_goes_every_20_s_and_without_a_pong_for_20_s_more_the_client_is_given_up()
    {
        var control = New();
        _time.Advance(Interval - TimeSpan.FromTicks(1));
        Assert.True(control.KeepAlive());
        await control.SendWaitingAsync(CancellationToken.None);
        Assert.Empty(_written.ToArray());

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(control.KeepAlive());
        await control.SendWaitingAsync(CancellationToken.None);
        Assert.Equal([0x89, 0], _written.ToArray());

        _time.Advance(Interval - TimeSpan.FromTicks(1));
        Assert.True(control.KeepAlive());
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(control.KeepAlive());
    }

    [Fact]
    public async Task A_client_that_answers_is_pinged_again_and_kept()
    {
        var control = New();
        for (var ping = 1; ping <= 3; ping++)
        {
            _time.Advance(Interval);
            Assert.True(control.KeepAlive());
            await control.SendWaitingAsync(CancellationToken.None);
            Assert.Equal(2 * ping, _written.Length);
            control.Ponged();
        }
    }

    [Fact]
    public async Task A_clients_ping_is_answered_with_its_own_payload_and_of_many_the_last()
    {
        var control = New();
        for (byte i = 0; i < 100; i++)
            control.Pong([i, 1]);
        await control.SendWaitingAsync(CancellationToken.None);
        Assert.Equal([0x8A, 2, 99, 1], _written.ToArray());
    }

    public void Dispose() => _written.Dispose();

    private ControlFrames New() => new(new WrittenStream(_written, _time), isExtended: false, new WakeSignal(), _time);
}
