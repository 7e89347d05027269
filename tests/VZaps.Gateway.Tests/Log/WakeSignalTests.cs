using VZaps.Gateway.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

public sealed class WakeSignalTests
{
    [Fact]
    public async Task A_signal_before_the_wait_spares_it_once()
    {
        var signal = new WakeSignal();
        signal.Set();
        signal.Set();

        await signal.WaitAsync();
        var second = signal.WaitAsync();

        Assert.False(second.IsCompleted);
        signal.Set();
        await second;
    }

    [Fact]
    public async Task No_signal_is_lost_between_a_look_and_a_wait()
    {
        const int Count = 200_000;
        var signal = new WakeSignal();
        var produced = 0;
        var producer = Task.Run(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                Interlocked.Increment(ref produced);
                signal.Set();
            }
        }, TestContext.Current.CancellationToken);

        // Ends only if the last signal is always seen: a lost one would leave the wait below hanging.
        while (Volatile.Read(ref produced) < Count)
            await signal.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await producer;
    }
}
